import KubeCore
import Testing

@testable import LocalCluster

/// Random values of the wrong shapes, always the same for a seed.
struct HostileValues: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    private static let scalars: [JSON] = [
        .null, true, false, 0, -1, 80, .int(.max), .int(.min), .double(1e300), .double(-0.5), "", "x", "Bad Name!",
        "1Gi", "-5m",
        "2024-01-01T00:00:00Z", "10.0.0.1", "$patch", "99999999999999999999Ei",
        .string(String(repeating: "é", count: 300)),
    ]

    private static let keys = [
        "name", "metadata", "spec", "status", "ports", "port", "containers", "$patch", "$retainKeys",
        "$setElementOrder/ports",
        "$deleteFromPrimitiveList/finalizers", "finalizers", "labels", "template", "volumes", "resources", "requests",
        "cpu",
        "", "a.b", "type", "conditions", "managedFields", "ownerReferences", "env", "valueFrom", "selector",
        "matchLabels",
    ]

    mutating func value(depth: Int = 4) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 5 : 3), using: &self) {
        case 3: return .array((0..<Int.random(in: 0...3, using: &self)).map { _ in value(depth: depth - 1) })
        case 4:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...4, using: &self) {
                object[Self.keys.randomElement(using: &self) ?? ""] = value(depth: depth - 1)
            }
            return .object(object)
        default: return Self.scalars.randomElement(using: &self) ?? .null
        }
    }

    /// `json` with some of its parts replaced.
    mutating func disturbed(_ json: JSON) -> JSON {
        if Int.random(in: 0..<12, using: &self) == 0 { return value(depth: 2) }
        switch json {
        case .array(let elements): return .array(elements.map { disturbed($0) })
        case .object(let fields):
            var out = JSONObject()
            for (name, field) in fields where Int.random(in: 0..<15, using: &self) != 0 { out[name] = disturbed(field) }
            if Int.random(in: 0..<6, using: &self) == 0 {
                out[Self.keys.randomElement(using: &self) ?? ""] = value(depth: 2)
            }
            return .object(out)
        default: return json
        }
    }
}

@Suite struct HostileInputTests {
    private static let pod: JSON = [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": ["name": "p", "namespace": "ns", "labels": ["a": "b"], "finalizers": ["a/b"]],
        "spec": [
            "containers": [
                [
                    "name": "c", "image": "i", "ports": [["containerPort": 80]], "env": [["name": "A", "value": "1"]],
                    "resources": ["requests": ["cpu": "1"]], "livenessProbe": ["httpGet": ["port": 80]],
                    "volumeMounts": [["name": "v", "mountPath": "/v"]],
                ]
            ], "volumes": [["name": "v", "secret": ["secretName": "s"]]], "tolerations": [["key": "k"]],
        ], "status": ["conditions": [["type": "Ready", "status": "True"]]],
    ]

    @Test("No kind is upset by objects of the wrong shape", arguments: BuiltInKinds.all.map(\.qualifiedPlural))
    func strategies(_ plural: String) throws {
        let kind = try #require(BuiltInKinds.all.first { $0.qualifiedPlural == plural })
        let network = ServiceNetwork(isAddressUsed: { _ in false }, isNodePortUsed: { _ in false })
        let context = StrategyContext(now: Timestamp(seconds: 0), version: "v1", network: network)
        var values = HostileValues(seed: 7)
        for _ in 0..<60 {
            var old = values.disturbed(Self.pod)
            if old.objectValue == nil { old = [:] }
            kind.strategy.setDefaults(&old)
            _ = try? kind.strategy.prepareForCreate(&old, context)
            var again = old
            kind.strategy.setDefaults(&again)
            _ = kind.strategy.validateCreate(old, context)
            _ = kind.strategy.warnings(old, old: nil)
            _ = kind.strategy.gracePeriodSeconds(of: old, requested: nil)
            var new = values.disturbed(old)
            if new.objectValue == nil { new = [:] }
            _ = try? kind.strategy.prepareForUpdate(&new, old: old, context)
            _ = kind.strategy.validateUpdate(new, old: old, context)
            _ = TableConverter.table([old, new], kind: kind, version: "v1", listMetadata: [:], now: context.now)
        }
    }

    @Test("No patch and no configuration upsets the patch engine", arguments: 0..<20 as Range<UInt64>)
    func patches(_ seed: UInt64) throws {
        let kind = try #require(BuiltInKinds.kind(group: "", plural: "pods"))
        let schema = kind.versions[0].schema
        var values = HostileValues(seed: seed &+ 1)
        var live = Self.pod
        for round in 0..<40 {
            let management = FieldManagement(
                apiVersion: "v1", schema: schema, isCustom: round % 2 == 0, hasStatus: true,
                now: Timestamp(seconds: Int64(round)))
            _ = try? StrategicMergePatch.apply(values.value(), to: live, schema: schema)
            if let patched = try? StrategicMergePatch.apply(values.disturbed(live), to: live, schema: schema) {
                live = management.update(patched, live: live, manager: "m\(round % 12)")
            }
            if let applied = try? management.apply(values.disturbed(Self.pod), live: live, manager: "a", force: true) {
                live = applied
            }
            #expect(ManagedFields(live.at("metadata", "managedFields")) != nil || live.objectValue == nil)
            if live.at("spec", "containers") == nil { live = Self.pod }
        }
    }

    @Test("Deep nesting is walked without end to the stack")
    func depth() throws {
        var deep: JSON = ["x": 1]
        for _ in 0..<500 { deep = ["x": deep] }
        let schema = Schema {
            $0.type = .object
            $0.properties["spec"] = .anything
        }
        let object: JSON = ["spec": deep]
        let management = FieldManagement(
            apiVersion: "e/v1", schema: schema, isCustom: true, hasStatus: false, now: Timestamp(seconds: 0))
        let first = try management.apply(object, live: nil, manager: "a", force: false)
        let second = management.update(first.patched(["spec": nil]), live: first, manager: "b")
        #expect(second.at("metadata", "managedFields") == nil)
        #expect(try StrategicMergePatch.apply(object, to: object, schema: schema) == object)
    }

    @Test("Any text is a JSONPath or is refused")
    func jsonPaths() {
        let pieces = [".", "a", "[", "]", "?", "(", ")", "@", "==", "'", "\"", "\\", "*", "0", "-", " ", ".."]
        var values = HostileValues(seed: 3)
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 0...8, using: &values)).map { _ in
                pieces.randomElement(using: &values) ?? ""
            }.joined()
            _ = try? JSONPath(text).values(in: Self.pod)
        }
    }
}
