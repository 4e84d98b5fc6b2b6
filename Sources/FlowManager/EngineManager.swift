import FlowAPI
import FlowKernel

/// Level 1: knows every Engine and the kernel that runs it.
///
/// All kernels are `Shared` so far: they live in this process, beside each other, and share nothing but it.
package actor EngineManager {
    private let driver: any WorkloadDriver
    private var kernels: [String: EngineKernel] = [:]

    package init(driver: any WorkloadDriver) {
        self.driver = driver
    }

    /// The kernel of an Engine, started when there is none. A kernel of an earlier Engine under the same name is dropped.
    package func kernel(for engine: ObjectID) -> EngineKernel {
        let key = Self.key(engine.namespace, engine.name)
        if let kernel = kernels[key], kernel.engine == engine { return kernel }
        let kernel = EngineKernel(engine: engine, driver: driver)
        kernels[key] = kernel
        return kernel
    }

    /// The kernel under this name, if one runs.
    package func kernel(namespace: String, name: String) -> EngineKernel? {
        kernels[Self.key(namespace, name)]
    }

    /// Ends the kernel of an Engine that is gone.
    package func remove(namespace: String, name: String) {
        kernels[Self.key(namespace, name)] = nil
    }

    private static func key(_ namespace: String, _ name: String) -> String { namespace + "/" + name }
}
