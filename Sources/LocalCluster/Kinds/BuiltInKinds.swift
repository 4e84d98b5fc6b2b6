import KubeCore

/// The kinds that every cluster serves.
package enum BuiltInKinds {
    /// Every built-in kind, in the order discovery shows groups and kinds.
    package static let all: [KindDescription] = []
}
