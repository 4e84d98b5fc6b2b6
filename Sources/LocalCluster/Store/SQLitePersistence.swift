import Dispatch
import Foundation
import GRDB
import KubeCore

/// Keeps the store in one SQLite file: write-ahead log, every commit synced.
///
/// `@unchecked` is not needed: GRDB's queue guards the connection, and the dispatch queue is immutable.
package final class SQLitePersistence: StorePersistence {
    private let database: DatabaseQueue
    private let queue = DispatchQueue(label: "flowengine.store")

    /// Opens or creates the file at `path`.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.prepareDatabase { db in
            // An acknowledged write survives a power cut, not only a kill.
            try db.execute(sql: "PRAGMA synchronous = FULL")
        }
        database = try DatabaseQueue(path: path, configuration: configuration)
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS objects (
                        resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, uid TEXT NOT NULL,
                        revision INTEGER NOT NULL, version_offset INTEGER NOT NULL,
                        attributes BLOB NOT NULL, body BLOB NOT NULL,
                        PRIMARY KEY (resource, namespace, name)) WITHOUT ROWID;
                    CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);
                    """)
        }
    }

    package func load() throws -> (revision: UInt64, objects: [GroupResource: [StoredObject]]) {
        try database.read { db in
            let revision = try Int64.fetchOne(db, sql: "SELECT revision FROM counter WHERE id = 1") ?? 0
            var objects: [GroupResource: [StoredObject]] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT resource, namespace, name, uid, revision, version_offset, attributes, body FROM objects")
            while let row = try rows.next() {
                let resource = GroupResource(description: row[0])
                let attributes = Array(row[6] as Data)
                let body = Array(row[7] as Data)
                let encoded = EncodedObject(body: body, versionOffset: row[5], uid: row[3])
                let object = StoredObject(
                    key: ObjectKey(namespace: row[1], name: row[2]),
                    revision: UInt64(clamping: row[4] as Int64),
                    encoded: encoded, attributes: Self.attributes(attributes))
                objects[resource, default: []].append(object)
            }
            return (UInt64(clamping: revision), objects)
        }
    }

    package func commit(_ changes: [(GroupResource, String, StoreEvent)]) throws {
        try database.write { db in
            let put = try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO objects
                        (resource, namespace, name, uid, revision, version_offset, attributes, body)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """)
            let remove = try db.cachedStatement(
                sql: "DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?")
            for (resource, _, event) in changes {
                if let object = event.object {
                    try put.execute(arguments: [
                        resource.description, object.key.namespace, object.key.name, object.uid,
                        Int64(clamping: object.revision), object.encoded.versionOffset,
                        Data(Self.encode(object.attributes)), Data(object.encoded.body),
                    ])
                } else if let previous = event.previous {
                    try remove.execute(arguments: [
                        resource.description, previous.key.namespace, previous.key.name,
                    ])
                }
            }
            if let last = changes.last {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO counter (id, revision) VALUES (1, ?)",
                    arguments: [Int64(clamping: last.2.revision)])
            }
        }
    }

    package func schedule(_ work: @escaping @Sendable () -> Void) {
        queue.async(execute: work)
    }

    private static func encode(_ attributes: ObjectAttributes) -> [UInt8] {
        func text(_ map: [String: String]) -> JSON {
            .object(JSONObject(map.map { ($0.key, JSON.string($0.value)) }))
        }
        return JSON.object(["labels": text(attributes.labels), "fields": text(attributes.fields)]).encoded()
    }

    private static func attributes(_ bytes: [UInt8]) -> ObjectAttributes {
        let json = (try? JSON.parse(bytes)) ?? .null
        func map(_ json: JSON?) -> [String: String] {
            var result: [String: String] = [:]
            for (key, value) in json?.objectValue ?? JSONObject() { result[key] = value.stringValue ?? "" }
            return result
        }
        return ObjectAttributes(labels: map(json["labels"]), fields: map(json["fields"]))
    }
}
