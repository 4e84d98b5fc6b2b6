/// One object over its whole life: a name may be used again, a UID never is.
package struct ObjectID: Hashable, Sendable {
    package var namespace: String
    package var name: String
    package var uid: String

    package init(namespace: String, name: String, uid: String) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}
