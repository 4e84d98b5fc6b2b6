/// The version of this build.
package enum FlowVersion {
    package static let current = "0.1.0-dev"
}
