/// Which run it is: what its pods are named, labelled and owned by.
package struct RunIdentity: Sendable, Hashable {
    package var namespace: String
    package var name: String
    package var uid: String
    package var job: String
    package var engine: String

    package init(namespace: String, name: String, uid: String, job: String, engine: String) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.job = job
        self.engine = engine
    }
}
