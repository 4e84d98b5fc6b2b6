import FlowAPI
import KubeClient
import KubeCore
import KubeYAML

/// One test's namespace, and what tests do in it.
struct Sandbox: Sendable {
    let cluster: TestCluster
    let namespace: String

    var client: APIClient { cluster.client }

    /// Runs a test in a namespace that is deleted afterwards.
    static func with(_ body: (Sandbox) async throws -> Void) async throws {
        guard let cluster = TestCluster.current else {
            throw ProgramFailure("the suite has no cluster: give it the trait .cluster")
        }
        let name = "test-" + String(UInt32.random(in: .min ... .max), radix: 36)
        let namespaces = cluster.client.resource(.namespaces)
        do throws(ClientError) {
            _ = try await namespaces.create(
                DynamicObject(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]))
        } catch {
            // Nobody else makes up this name: then it is a request that was sent again on a connection that had died.
            guard error.isAlreadyExists else { throw error }
        }
        let sandbox = Sandbox(cluster: cluster, namespace: name)
        do {
            try await body(sandbox)
        } catch {
            try? await sandbox.delete()
            throw error
        }
        try await sandbox.delete()
    }

    private func delete() async throws {
        // Asking twice does no harm: nobody else makes a namespace of this name.
        for attempt in 1... {
            do throws(ClientError) {
                _ = try await client.resource(.namespaces).delete(namespace)
                return
            } catch {
                if error.isNotFound { return }
                guard error.isOutcomeUnknown, attempt < 3 else { throw error }
            }
        }
    }

    // MARK: Programs

    /// `flowengine` in this namespace.
    func flowengine(
        _ arguments: String..., input: String = "", patience: Duration = Patience.long
    ) async throws -> Program.Outcome {
        let scoped = Self.scoped(arguments, to: namespace)
        return try await cluster.flowengine.run(scoped, input: input, patience: patience)
    }

    /// `kubectl` in this namespace.
    func kubectl(
        _ arguments: String..., input: String = "", patience: Duration = Patience.long
    ) async throws -> Program.Outcome {
        try await cluster.kubectl.run(["-n", namespace] + arguments, input: input, patience: patience)
    }

    /// The option goes after the command, and before a `--`.
    private static func scoped(_ arguments: [String], to namespace: String) -> [String] {
        guard let command = arguments.first else { return arguments }
        return [command, "-n", namespace] + arguments.dropFirst()
    }

    // MARK: Objects

    func resource(_ type: ResourceType) -> ResourceClient<DynamicObject> {
        client.resource(type, namespace: namespace)
    }

    /// Writes objects past `flowengine apply`, as another client would.
    func apply(_ yaml: String) async throws {
        for document in try YAMLDocument.parseAll(yaml) {
            let object = DynamicObject(document.json)
            guard let kind = object.groupVersionKind else {
                throw ProgramFailure("a manifest without a kind:\n\(yaml)")
            }
            let type = try await client.discovery().resolve(kind).type
            _ = try await client.resource(type, namespace: type.isNamespaced ? namespace : nil)
                .apply(object, fieldManager: "tests", force: true)
        }
    }

    /// Creates an object past `flowengine apply`.
    func create(_ yaml: String) async throws {
        let object = DynamicObject(try YAMLDocument.parse(yaml).json)
        guard let kind = object.groupVersionKind else { throw ProgramFailure("a manifest without a kind:\n\(yaml)") }
        let type = try await client.discovery().resolve(kind).type
        _ = try await client.resource(type, namespace: namespace).create(object)
    }

    /// Declares a Job and the Engine `e` for it.
    func declare(_ jobs: String..., engine: String = "description: of a test") async throws {
        try await apply(Self.engine(engine))
        for job in jobs { try await apply(job) }
    }

    static func engine(_ spec: String) -> String {
        "apiVersion: flowengine.io/v1alpha1\nkind: Engine\nmetadata: {name: e}\nspec:\n"
            + spec.split(separator: "\n").map { "  \($0)\n" }.joined()
    }

    /// A Job of the Engine `e`.
    static func job(_ spec: String, name: String = "j") -> String {
        "apiVersion: flowengine.io/v1alpha1\nkind: Job\nmetadata: {name: \(name)}\nspec:\n  engine: e\n"
            + spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
    }

    /// Starts a run of a Job.
    func start(_ job: String = "j", name: String = "r", params: [String: JSON] = [:]) async throws {
        let run = JobRun(
            metadata: ObjectMeta(name: name, namespace: namespace), spec: JobRunSpec(job: job, params: params))
        _ = try await client.resource(JobRun.self, namespace: namespace).create(run)
    }

    /// Sets fields of an object's spec.
    func set(_ type: ResourceType, _ name: String, _ spec: JSON) async throws {
        _ = try await resource(type).patch(name, .merge(["spec": spec]))
    }

    /// The pods of a run, in the order of their names.
    func pods(of run: String = "r", task: String? = nil) async throws -> [DynamicObject] {
        let selector = "\(Labels.run)=\(run)" + (task.map { ",\(Labels.task)=\($0)" } ?? "")
        return try await resource(.pods).listAll(ListOptions(labelSelector: selector)).items.sorted {
            $0.name < $1.name
        }
    }
}
