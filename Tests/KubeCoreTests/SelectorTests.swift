import KubeCore
import Testing

@Suite("Selectors")
struct SelectorTests {
    static let labels = ["app": "web", "tier": "front", "n": "5", "empty": ""]

    @Test(
        "Label selectors match as kubectl -l does",
        arguments: [
            ("", true), ("app=web", true), ("app==web", true), ("app=db", false), ("app!=db", true), ("none!=x", true),
            ("app in (web, db),tier", true), ("app in (db)", false), ("app notin (db)", true), ("none notin (x)", true),
            ("!none", true), ("!app", false), ("none", false), ("n>4", true), ("n>5", false), ("n<6", true),
            ("app>1", false),
            ("empty=", true), ("empty", true), ("app=", false), ("empty in ()", true), ("app in (,web)", true),
            (" app = web , tier = front ", true), ("app=web,app!=web", false), ("none=,app", false),
        ])
    func labelMatching(text: String, expected: Bool) throws {
        let selector = try LabelSelector(parsing: text)
        #expect(selector.matches(Self.labels) == expected)
        #expect(try LabelSelector(parsing: selector.description) == selector, "\(selector)")
    }

    @Test("A key may be named like an operator")
    func operatorNames() throws {
        #expect(try LabelSelector(parsing: "in in (in),notin").matches(["in": "in", "notin": "x"]))
    }

    @Test(
        "What is no label selector is refused",
        arguments: [
            ",", "a,", ",a", "a=b=c", "a in", "a in x", "a in (x", "a in (x y)", "a b", "=b", "!", "!!a", "a>b", "a<",
            "-a=b",
            "a=-b", "a/b/c=d", "a=b c", "A_/x=y", "a=(b)", "a in (b))", "(a)", "a=1!b",
        ])
    func badLabelSelectors(text: String) {
        #expect(throws: SelectorError.self) { try LabelSelector(parsing: text) }
    }

    @Test("A selector object matches by labels and expressions")
    func labelObject() throws {
        let selector = try LabelSelector(json: [
            "matchLabels": ["app": "web"],
            "matchExpressions": [
                ["key": "tier", "operator": "In", "values": ["front", "back"]],
                ["key": "old", "operator": "DoesNotExist"],
            ],
        ])
        #expect(selector.matches(Self.labels))
        #expect(!selector.matches(["app": "web"]))
        #expect(selector.description == "app=web,tier in (back,front),!old")
        #expect(selector.matches(object: ["metadata": ["labels": ["app": "web", "tier": "back"]]]))
        #expect(try LabelSelector(json: [:]).matches([:]))
    }

    @Test(
        "A malformed selector object is refused",
        arguments: [
            nil, ["matchLabels": ["a": 1]], ["matchExpressions": [["key": "a", "operator": "Gt", "values": ["1"]]]],
            ["matchExpressions": [["key": "a", "operator": "In"]]], ["matchExpressions": [["operator": "Exists"]]],
            ["matchExpressions": [["key": "a", "operator": "Exists", "values": ["x"]]]], ["matchLabels": ["a b": "c"]],
        ] as [JSON])
    func badLabelObject(json: JSON) {
        #expect(throws: SelectorError.self) { try LabelSelector(json: json) }
    }

    @Test("Field selectors match paths, with escapes in values")
    func fields() throws {
        let selector = try FieldSelector(parsing: #"metadata.name=a\,b,spec.on==true,status.phase!=Running,"#)
        #expect(selector.requirements.map(\.value) == ["a,b", "true", "Running"])
        #expect(selector.matches(object: ["metadata": ["name": "a,b"], "spec": ["on": true]]))
        #expect(
            !selector.matches(object: [
                "metadata": ["name": "a,b"], "spec": ["on": true], "status": ["phase": "Running"],
            ]))
        #expect(try FieldSelector(parsing: selector.description) == selector)
        #expect(selector.required("metadata.name") == "a,b")
        #expect(selector.required("status.phase") == nil)
        #expect(try FieldSelector(parsing: "a!b=c").requirements.map(\.path) == ["a!b"])
        #expect(try FieldSelector(parsing: "a=,\u{301}b=c").requirements.map(\.path) == ["a", "\u{301}b"])
        #expect(try FieldSelector(parsing: "").isEverything)
        #expect(try FieldSelector(parsing: "spec.nodeName=").matches { _ in nil })
    }

    @Test("What is no field selector is refused", arguments: ["a", "a,b=c", "a!b", #"a=b\c"#, "a=b=c", #"a=b\"#])
    func badFields(text: String) {
        #expect(throws: SelectorError.self) { try FieldSelector(parsing: text) }
    }

    @Test("Names are checked as Kubernetes does")
    func syntax() {
        #expect(LabelSyntax.isQualifiedName("app.kubernetes.io/name"))
        #expect(!LabelSyntax.isQualifiedName("app_x/name"))
        #expect(!LabelSyntax.isQualifiedName(String(repeating: "a", count: 64)))
        #expect(LabelSyntax.isDNSLabel("a-1"))
        #expect(!LabelSyntax.isDNSLabel("-a") && !LabelSyntax.isDNSLabel("A") && !LabelSyntax.isDNSLabel(""))
        #expect(LabelSyntax.isDNSSubdomain("a.b-c.d1") && !LabelSyntax.isDNSSubdomain("a..b"))
        #expect(!LabelSyntax.isDNS1035Label("1a") && LabelSyntax.isDNS1035Label("a1"))
    }
}
