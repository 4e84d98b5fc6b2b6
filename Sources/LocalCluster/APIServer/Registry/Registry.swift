import KubeCore
import Logging
import Synchronization

/// The generic registry: every verb of every kind, built-in or custom, over one store.
///
/// What is particular to a kind is in its `KindDescription`; what needs other objects is an `AdmissionPlugin`. Failures are the
/// `Status` an HTTP client gets.
package final class Registry: Sendable {
    package let store: ObjectStore
    package let kinds: KindTable
    package let options: RegistryOptions
    let logger: Logger
    let admission: [any AdmissionPlugin]
    /// Held from the choice of an address or port to the write that takes it.
    let serviceLock = AsyncLock()
    /// Held while a definition is written and its kind is registered.
    let definitionLock = AsyncLock()

    package init(
        store: ObjectStore, kinds: [KindDescription], options: RegistryOptions = RegistryOptions(),
        admission: [any AdmissionPlugin] = Registry.defaultAdmission, logger: Logger
    ) {
        self.store = store
        self.kinds = KindTable(kinds)
        self.options = options
        self.admission = admission
        self.logger = logger
    }

    /// The admission plugins in the order they run.
    package static let defaultAdmission: [any AdmissionPlugin] = [
        NamespaceLifecycle(), PodAdmission(), LimitRangeAdmission(), PodSecurityAdmission(),
    ]

    func now() -> Timestamp { options.now() }

    // MARK: Objects in and out of storage

    /// A stored object as `resource` shows it.
    package func present(_ object: StoredObject, _ resource: Resource, shownAt: UInt64? = nil) -> JSON {
        if resource.showsStoredBytes(of: object) { return object.json(typed: resource.label, shownAt: shownAt) }
        var json = resource.strategy.fromStored(
            object.json(typed: resource.storedLabel, shownAt: shownAt), version: resource.version.name)
        if resource.kind.isCustom { CustomSchemas.completeOnRead(&json, resource) }
        return json
    }

    /// Appends a stored object as JSON text, without a detour over a tree where that is possible.
    package func render(
        _ object: StoredObject, _ resource: Resource, typed: Bool, shownAt: UInt64? = nil, to out: inout [UInt8]
    ) {
        if resource.showsStoredBytes(of: object) {
            object.render(typed: typed ? resource.label : nil, shownAt: shownAt, to: &out)
            return
        }
        var json = present(object, resource, shownAt: shownAt)
        if !typed {
            json["kind"] = nil
            json["apiVersion"] = nil
        }
        out.append(contentsOf: json.encoded())
    }

    /// What is written for `object`, an object of the request's version.
    func encode(_ object: JSON, _ resource: Resource) -> (EncodedObject, ObjectAttributes) {
        let storedVersion = (resource.kind.storageVersion ?? resource.version).name
        let stored =
            resource.kind.storedAs != nil || storedVersion != resource.version.name
            ? resource.strategy.toStored(object, version: storedVersion) : object
        return (EncodedObject(stored), attributes(object, resource))
    }

    func attributes(_ object: JSON, _ resource: Resource) -> ObjectAttributes {
        ObjectAttributes(
            labels: object.metaLabels,
            fields: resource.strategy.fieldValues(resource.version.selectableFields, of: object))
    }

    func context(_ resource: Resource, subresource: String? = nil) -> StrategyContext {
        StrategyContext(
            now: now(), subresource: subresource, version: resource.version.name,
            network: resource.storage == Self.services ? network() : nil)
    }

    static let services = GroupResource(group: "", resource: "services")
    static let namespaces = GroupResource(group: "", resource: "namespaces")
    static let pods = GroupResource(group: "", resource: "pods")
    static let definitions = GroupResource(
        group: "apiextensions.k8s.io", resource: "customresourcedefinitions")

    /// Runs `body` alone among writes that allocate addresses, when `resource` is Services.
    func allocating<Value: Sendable>(
        _ resource: Resource, _ body: () async throws(Status) -> Value
    ) async throws(Status) -> Value {
        guard resource.storage == Self.services else { return try await body() }
        await serviceLock.lock()
        defer { serviceLock.unlock() }
        return try await body()
    }

    static func status(_ error: ObjectStore.WriteError) -> Status {
        switch error {
        case .conflict: .plain("the object changed while it was written")
        case .storage(let message): .plain(message)
        }
    }
}

package struct RegistryOptions: Sendable {
    /// The addresses Services get, IPv4.
    package var serviceRange: String
    package var now: @Sendable () -> Timestamp

    package init(serviceRange: String = "10.96.0.0/16", now: @escaping @Sendable () -> Timestamp = { Timestamp.now() })
    {
        self.serviceRange = serviceRange
        self.now = now
    }
}

/// What a write answers.
package struct WriteResult: Sendable {
    package var object: JSON
    /// Whether the write made the object.
    package var isCreated = false
}

/// A lock for stretches with awaits in them. First come, first served.
package final class AsyncLock: Sendable {
    private let state = Mutex((held: false, waiting: [CheckedContinuation<Void, Never>]()))

    func lock() async {
        await withCheckedContinuation { continuation in
            let free = state.withLock { state -> Bool in
                if state.held {
                    state.waiting.append(continuation)
                    return false
                }
                state.held = true
                return true
            }
            if free { continuation.resume() }
        }
    }

    func unlock() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.held = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
