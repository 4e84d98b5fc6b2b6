import KubeCore
import Testing

@Suite("Codable over JSON trees")
struct JSONTreeCodingTests {
    struct Task: Codable, Equatable {
        enum Kind: String, Codable { case fast, slow }
        var name: String
        var kind: Kind
        var retries: Int32?
        var extra: JSON?
        var weights: [Double]
    }

    struct Spec: Codable, Equatable {
        var tasks: [Task]
        var labels: [String: String]
        var flag: Bool
        var big: UInt64
        var nested: [[Int8]]
    }

    static let json: JSON = [
        "tasks": [["name": "a", "kind": "fast", "extra": ["x": [1, nil]], "weights": [1, 2.5]]],
        "labels": ["a": "1", "b": "2"], "flag": true, "big": 7, "nested": [[1], []],
    ]
    static let spec = Spec(
        tasks: [Task(name: "a", kind: .fast, retries: nil, extra: ["x": [1, nil]], weights: [1, 2.5])],
        labels: ["a": "1", "b": "2"], flag: true, big: 7, nested: [[1], []])

    @Test("A value decodes from its tree and encodes into it again")
    func roundTrip() throws {
        #expect(try JSONTreeDecoder().decode(Spec.self, from: Self.json) == Self.spec)
        let encoded = try JSONTreeEncoder().encode(Self.spec)
        #expect(encoded.at("tasks")?[0]?["retries"] == nil)
        #expect(encoded.at("tasks")?[0]?["weights"] == [.double(1), 2.5])
        #expect(try JSONTreeDecoder().decode(Spec.self, from: encoded) == Self.spec)
        #expect(Array(try #require(encoded["labels"]?.objectValue).keys) == ["a", "b"])
    }

    @Test(
        "An error names the path to what is wrong",
        arguments: [
            (["tasks"], JSON.string("x"), "tasks: an array was expected, but this is a string"),
            (["flag"], 1, "flag: a boolean was expected, but this is an integer"),
            (["flag"], nil, "flag: required, but missing"),
            (["labels", "a.b/c"], 3, "labels[\"a.b/c\"]: a string was expected, but this is an integer"),
            (["big"], -1, "big: -1 is not an integer of 64 bits"),
            (
                ["tasks"], [["name": "a", "kind": "fast", "weights": [1, "x"]]],
                "tasks[0].weights[1]: a number was expected, but this is a string"
            ),
            (["nested"], [[1], [1, 300]], "nested[1][1]: 300 is not an integer of 8 bits"),
        ] as [([String], JSON?, String)])
    func errors(path: [String], value: JSON?, message: String) {
        var json = Self.json
        json.set(value, at: path)
        let error = #expect(throws: JSONDecodingError.self) { try JSONTreeDecoder().decode(Spec.self, from: json) }
        #expect(error?.description == message)
    }

    @Test("An unknown word of an enumeration is an error at its place")
    func badEnum() {
        var json = Self.json
        json["tasks"] = [["name": "a", "kind": "odd", "weights": []]]
        let error = #expect(throws: JSONDecodingError.self) { try JSONTreeDecoder().decode(Spec.self, from: json) }
        #expect(error?.path == "tasks[0].kind")
    }

    @Test("Null counts as absent for an optional")
    func nulls() throws {
        var json = Self.json
        json["tasks"] = [["name": "a", "kind": "slow", "weights": [], "retries": nil]]
        #expect(try JSONTreeDecoder().decode(Spec.self, from: json).tasks[0].retries == nil)
    }

    @Test("An integral double is taken for an integer, any other is not")
    func integralDoubles() throws {
        #expect(try JSONTreeDecoder().decode(Int.self, from: .double(3)) == 3)
        #expect(throws: JSONDecodingError.self) { try JSONTreeDecoder().decode(Int.self, from: .double(3.5)) }
        #expect(throws: JSONDecodingError.self) { try JSONTreeDecoder().decode(Int.self, from: .double(1e300)) }
    }

    @Test("Classes with a superclass, nested containers and dynamic keys work")
    func containers() throws {
        struct Odd: Codable, Equatable {
            var a = 1
            var list = [1, 2]
            enum Keys: String, CodingKey { case outer, a, list }
            init() {}
            init(from decoder: any Decoder) throws {
                let inner = try decoder.container(keyedBy: Keys.self).nestedContainer(
                    keyedBy: Keys.self, forKey: .outer)
                a = try inner.decode(Int.self, forKey: .a)
                var items = try inner.nestedUnkeyedContainer(forKey: .list)
                list = []
                while !items.isAtEnd { list.append(try items.decode(Int.self)) }
            }
            func encode(to encoder: any Encoder) throws {
                var outer = encoder.container(keyedBy: Keys.self)
                var inner = outer.nestedContainer(keyedBy: Keys.self, forKey: .outer)
                try inner.encode(a, forKey: .a)
                var items = inner.nestedUnkeyedContainer(forKey: .list)
                for item in list { try items.encode(item) }
            }
        }
        let json = try JSONTreeEncoder().encode(Odd())
        #expect(json == ["outer": ["a": 1, "list": [1, 2]]])
        #expect(try JSONTreeDecoder().decode(Odd.self, from: json) == Odd())
        struct Empty: Codable {}
        #expect(try JSONTreeEncoder().encode(Empty()) == [:])
        #expect(throws: EncodingError.self) { try JSONTreeEncoder().encode(UInt64.max) }
        #expect(try JSONTreeEncoder().encode([Int?.some(1), nil]) == [1, nil])
    }

    @Test("Kubernetes metadata round-trips")
    func metadata() throws {
        let meta = ObjectMeta(
            name: "n", namespace: "ns", generation: 3, creationTimestamp: Timestamp(rfc3339: "2026-01-02T03:04:05Z"),
            labels: ["a": "b"], finalizers: ["x/y"],
            ownerReferences: [OwnerReference(apiVersion: "v1", kind: "Pod", name: "p", uid: "u", controller: true)])
        let json = try JSON(encoding: meta)
        #expect(json["creationTimestamp"] == "2026-01-02T03:04:05Z")
        #expect(json["annotations"] == nil)
        #expect(try json.decode(ObjectMeta.self) == meta)
        #expect(meta.controller?.name == "p")
        var object = DynamicObject(["metadata": ["managedFields": [1]]])
        object.metadata = meta
        #expect(object.metadata == meta)
        #expect(object.json.at("metadata", "managedFields") == [1])
    }

    struct Thing: KubeObject, Equatable {
        static let resourceType = ResourceType(
            group: "x.io", version: "v1", kind: "Thing", plural: "things", isNamespaced: true)
        var metadata = ObjectMeta()
        var size: Int?
    }

    @Test("An object of a Swift type carries its apiVersion and kind, and takes no other's")
    func kubeObject() throws {
        let thing = Thing(metadata: ObjectMeta(name: "a"), size: 3)
        let json = try thing.json()
        #expect(
            json.encodedString() == #"{"apiVersion":"x.io/v1","kind":"Thing","metadata":{"name":"a"},"size":3}"#)
        #expect(try Thing(json: json) == thing)
        #expect(try Thing(json: ["metadata": ["name": "a"], "size": 3]) == thing)
        let error = #expect(throws: JSONDecodingError.self) {
            try Thing(json: ["apiVersion": "x.io/v2", "metadata": [:]])
        }
        #expect(error?.path == "apiVersion")
    }

    @Test("A status decodes though the server left out what is empty")
    func status() throws {
        let status = try JSON.object(["kind": "Status", "code": 404, "reason": "NotFound"]).decode(Status.self)
        #expect(status.reason == .notFound && status.message.isEmpty)
        #expect(try JSON(encoding: status)["kind"] == "Status")
        #expect(throws: JSONDecodingError.self) { try JSON.object(["kind": "Pod"]).decode(Status.self) }
    }
}
