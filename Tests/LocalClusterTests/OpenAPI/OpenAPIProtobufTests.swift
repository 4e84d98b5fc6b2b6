import KubeCore
import Testing

@testable import LocalCluster

@Suite struct OpenAPIProtobufTests {
    /// The fields of a message: number, and the bytes or the number it holds.
    private func fields(_ bytes: [UInt8]) throws -> [(number: UInt64, bytes: [UInt8], value: UInt64)] {
        var rest = bytes[...]
        func varint() throws -> UInt64 {
            var (value, shift): (UInt64, UInt64) = (0, 0)
            while true {
                let next = rest.popFirst()
                let byte = try #require(next)
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
        }
        var found: [(number: UInt64, bytes: [UInt8], value: UInt64)] = []
        while !rest.isEmpty {
            let tag = try varint()
            switch tag & 7 {
            case 0: found.append((tag >> 3, [], try varint()))
            case 1:
                found.append((tag >> 3, Array(rest.prefix(8)), 0))
                rest = rest.dropFirst(8)
            case 2:
                let count = Int(try varint())
                try #require(count <= rest.count)
                found.append((tag >> 3, Array(rest.prefix(count)), 0))
                rest = rest.dropFirst(count)
            default: Issue.record("wire type \(tag & 7)")
            }
        }
        return found
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("A document is its version, its paths and its definitions")
    func document() throws {
        let bytes = OpenAPIProtobuf.encode([
            "swagger": "2.0",
            "paths": ["/x": ["patch": ["operationId": "p", "x-kubernetes-action": "patch"]]],
            "definitions": ["A": ["type": "object", "properties": ["b": ["maximum": 2, "maxItems": 300]]]],
        ])
        let document = try fields(bytes)
        #expect(document.map(\.number) == [1, 8, 9])
        #expect(text(document[0].bytes) == "2.0")
        let path = try fields(try fields(document[1].bytes)[0].bytes)
        #expect(text(path[0].bytes) == "/x")
        let operation = try fields(try #require(try fields(path[1].bytes).first { $0.number == 8 }).bytes)
        #expect(operation.map(\.number) == [5, 13])
        let extensions = try fields(operation[1].bytes)
        #expect(text(extensions[0].bytes) == "x-kubernetes-action")
        #expect(text(try fields(extensions[1].bytes)[0].bytes) == "\"patch\"")
        let definition = try fields(try fields(document[2].bytes)[0].bytes)
        let schema = try fields(definition[1].bytes)
        #expect(schema.map(\.number) == [22, 25])
        #expect(text(try fields(schema[0].bytes)[0].bytes) == "object")
        let property = try fields(try fields(try fields(schema[1].bytes)[0].bytes)[1].bytes)
        #expect(property.map(\.number) == [7, 14])
        #expect(property[1].value == 300)
    }

    @Test("Parameters are wrapped by where they are")
    func parameters() throws {
        let bytes = OpenAPIProtobuf.encode([
            "paths": [
                "/x": [
                    "parameters": [
                        ["name": "q", "in": "query"], ["name": "b", "in": "body"], ["name": "n", "in": "path"],
                    ]
                ]
            ]
        ])
        let item = try fields(try fields(try fields(try fields(bytes)[0].bytes)[0].bytes)[1].bytes)
        let shapes = try item.map { parameter in
            try fields(try fields(parameter.bytes)[0].bytes).map(\.number)
        }
        #expect(shapes == [[2], [1], [2]])
    }

    @Test("The whole document of the built-in kinds can be read back")
    func builtIns() throws {
        let document = try fields(OpenAPIDocuments.v2Protobuf(kinds: BuiltInKinds.all))
        let definitions = try fields(try #require(document.first { $0.number == 9 }).bytes)
        let names = Set(try definitions.map { text(try fields($0.bytes)[0].bytes) })
        #expect(names.contains("io.k8s.api.core.v1.Pod"))
        #expect(names.count == definitions.count)
    }
}
