/// Shapes that several kinds use.
extension CRDSchema {
    /// The name of something inside a spec that becomes part of pod names and a label value.
    static func name(_ description: String) -> CRDSchema {
        string(description, max: 63).notEmpty().matching("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
    }

    /// The name of an object that FlowEngine uses as a label value, which may have 63 characters.
    static func flowObjectName(_ description: String) -> CRDSchema {
        string(description, max: 63).notEmpty().matching("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
    }

    /// The name of any other object.
    static func objectName(_ description: String) -> CRDSchema {
        string(description, max: 253).notEmpty().matching("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
    }

    /// A name that expressions use after a dot.
    static func identifier(_ description: String) -> CRDSchema {
        string(description, max: 63).notEmpty().matching("^[A-Za-z_][A-Za-z0-9_]*$")
    }

    /// A duration as in Gateway API (GEP-2257), and more than zero.
    static func duration(_ description: String) -> CRDSchema {
        string(description + " A duration such as `90s`, `1h30m` or `500ms`.", max: 32)
            .matching("^([0-9]{1,5}(h|m|s|ms)){1,4}$")
            .rule("duration(self) > duration('0s')", "must be longer than 0s; leave the field out for no limit")
    }

    static func quantity(_ description: String) -> CRDSchema {
        string(description, max: 32)
            .matching("^[+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]{1,2})?$")
    }

    static let generation = integer("The `metadata.generation` that this status is about.")

    /// The standard conditions, one of each type.
    static let conditions = list(
        "Whether it is well: `Ready`, `Reconciling` and `Stalled`, as kstatus reads them, with reasons and messages.",
        max: 16, keyedBy: "type", of: condition)

    private static let condition = object(
        "One aspect of the object's state.",
        [
            .required(
                "type",
                string("Which aspect.", max: 316)
                    .matching("^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$")),
            .required("status", oneOf(["True", "False", "Unknown"], "Whether it holds.")),
            .required(
                "reason",
                string("Why, as one word for programs.", max: 1024).notEmpty()
                    .matching("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")),
            .required("message", string("Why, for people, and what to do.", max: 32768)),
            .required("lastTransitionTime", timestamp("When `status` last changed.")),
            .optional("observedGeneration", generation),
        ])
}
