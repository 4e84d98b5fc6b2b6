import KubeCore
import Testing

@testable import LocalCluster

@Suite struct RuleTests {
    @Test(
        "Names are held to their forms",
        arguments: [
            ("subdomain", "a.b-c.d1", true), ("subdomain", "A", false), ("subdomain", "a..b", false),
            ("subdomain", "", false),
            ("label", "a-b", true), ("label", "a.b", false), ("label", "-a", false),
            ("qualified", "example.com/A_b.c", true), ("qualified", "/a", false), ("qualified", "a/b/c", false),
            ("qualified", "UP.com/a", false), ("value", "", true), ("value", "a b", false), ("value", "-", false),
            ("key", "a_b.C-1", true), ("key", "..", false), ("key", "a/b", false), ("port", "http-2", true),
            ("port", "123", false), ("port", "a--b", false), ("port", "abcdefghijklmnop", false),
            ("env", "A B.c", true), ("env", "A=B", false), ("path", "system:node", true), ("path", "a/b", false),
        ])
    func names(_ rule: String, _ text: String, _ isValid: Bool) {
        let reasons =
            switch rule {
            case "subdomain": NameRules.subdomain(text)
            case "label": NameRules.label(text)
            case "qualified": NameRules.qualifiedName(text)
            case "value": NameRules.labelValue(text)
            case "key": NameRules.dataKey(text)
            case "port": NameRules.portName(text)
            case "env": NameRules.environmentVariable(text)
            default: NameRules.pathSegment(text)
            }
        #expect(reasons.isEmpty == isValid, "\(reasons)")
    }

    @Test(
        "Addresses are read strictly",
        arguments: [
            ("10.9.8.7", true), ("1.2.3", false), ("1.2.3.256", false), ("01.2.3.4", false), ("::", true),
            ("::1", true),
            ("2001:db8::ffff", true), ("1:2:3:4:5:6:7:8", true), ("1:2:3:4:5:6:7", false), ("1::2::3", false),
            ("::ffff:1.2.3.4", true), ("g::1", false), ("12345::", false), ("", false), ("1:2:3:4:5:6:7::8", false),
        ])
    func addresses(_ text: String, _ isValid: Bool) {
        #expect((IPAddress(text) != nil) == isValid)
    }

    @Test("Prefixes need bits that fit")
    func prefixes() {
        #expect(IPAddress.prefix("10.0.0.0/8")?.bits == 8)
        #expect(IPAddress.prefix("10.0.0.0/33") == nil)
        #expect(IPAddress.prefix("10.0.0.0") == nil)
        #expect(IPAddress.prefix("::/129") == nil)
    }

    @Test("Metadata has its own rules")
    func metadata() {
        let rules = ObjectMetaRules(isNamespaced: true)
        func errors(_ metadata: JSON) -> [String] {
            rules.validate(["metadata": metadata.patched(["namespace": "ns"])]).map(\.field)
        }
        #expect(errors(["name": "a"]) == [])
        #expect(errors([:]) == ["metadata.name"])
        #expect(errors(["name": "a", "labels": ["bad key": "v!"]]) == ["metadata.labels", "metadata.labels"])
        #expect(errors(["name": "a", "finalizers": ["plain"]]) == ["metadata.finalizers[0]"])
        #expect(errors(["name": "a", "generateName": "a-"]) == [])
        let owner: JSON = ["apiVersion": "v1", "kind": "K", "name": "n", "uid": "u", "controller": true]
        #expect(errors(["name": "a", "ownerReferences": [owner, owner]]) == ["metadata.ownerReferences"])
        #expect(errors(["name": "a", "ownerReferences": [["kind": "K"]]]).count == 3)
        let long = String(repeating: "x", count: 262_145)
        #expect(errors(["name": "a", "annotations": ["k": .string(long)]]) == ["metadata.annotations"])
    }

    @Test("What is being deleted takes no new finalizers")
    func finalizersDuringDeletion() {
        let rules = ObjectMetaRules(isNamespaced: false)
        let old: JSON = ["metadata": ["deletionTimestamp": "t", "finalizers": ["e.com/a"]]]
        #expect(rules.validateUpdate(old.patched(["metadata": ["finalizers": nil]]), old: old).isEmpty)
        let added = rules.validateUpdate(old.patched(["metadata": ["finalizers": ["e.com/a", "e.com/b"]]]), old: old)
        #expect(added.map(\.kind) == [.forbidden])
    }

    @Test("Base64 is read and written", arguments: ["", "a", "ab", "abc", "abcd", "\u{0}\u{ff}x"])
    func base64(_ text: String) {
        #expect(Base64.decode(Base64.encode(text.utf8)) == Array(text.utf8))
        #expect(Base64.encode("new".utf8) == "bmV3")
        for wrong in ["a", "a=b=", "!!!!", "ab=c"] { #expect(Base64.decode(wrong) == nil) }
    }

    @Test("Values are shown as Go shows them")
    func quoting() {
        #expect(FieldError.quoted("a\"b\n\u{1}") == #""a\"b\n\x01""#)
        #expect(FieldError.show(nil) == "null")
        #expect(FieldError.show(["a": 1]) == #"{"a":1}"#)
        let twice = FieldError.required("x")
        #expect(
            FieldError.message(kind: "K", group: "g", name: "n", errors: [twice, twice])
                == #"K.g "n" is invalid: x: Required value"#)
    }
}
