/// The version of this build; the release script sets it.
package enum FlowVersion {
    package static let current = "0.1.0-dev"
}
