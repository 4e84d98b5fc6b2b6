/// What turns a task into a container.
package enum Runtimes {
    package static let container = "container"
    package static let shell = "shell"
    package static let python = "python"

    /// The built-in runtimes.
    package static let names = [container, shell, python]
}
