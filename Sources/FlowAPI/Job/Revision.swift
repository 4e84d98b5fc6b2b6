import KubeCore

/// What a run is pinned to: the Job and what it takes from its Engine, as they were when the run started. It is the
/// content of a ControllerRevision.
package struct Revision: Codable, Hashable, Sendable {
    package var spec: JobSpec
    package var defaults: EngineDefaults?
    @ZeroOmitted package var data: [DataBinding]

    /// The revision of a Job in its Engine. What does not change how a run goes (when runs start, how many are kept,
    /// descriptions) is left out, so that changing it makes no new revision.
    package init(job: JobSpec, engine: EngineSpec) {
        var spec = job
        spec.description = nil
        spec.suspend = false
        spec.triggers = []
        spec.history = nil
        for index in spec.params.indices {
            spec.params[index].description = nil
        }
        self.spec = spec
        defaults = engine.defaults
        data = engine.data
    }

    /// The JSON with sorted keys: the same content gives the same text.
    package func canonicalText() throws -> String {
        try JSON(encoding: self).encodedString(.compactSorted)
    }

    /// The SHA-256 of the canonical text, in hexadecimal digits.
    package func hash() throws -> String {
        SHA256.hex(try canonicalText())
    }
}
