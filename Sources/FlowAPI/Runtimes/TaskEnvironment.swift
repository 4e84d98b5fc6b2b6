import KubeCore

/// The environment variables that FlowEngine gives every task.
package enum TaskEnvironment {
    /// The variables of one attempt: who it is (`FLOWENGINE_RUN`, …), the parameters (`PARAM_DATE` for `date`), and in
    /// a map the item under its name in capitals and its place as `FLOWENGINE_INDEX`. Values that are no strings stand
    /// as JSON.
    package static func variables(
        engine: String, job: String, run: String, task: String, attempt: Int, params: [String: JSON],
        item: (variable: String, value: JSON, index: Int)? = nil
    ) -> [EnvVar] {
        var variables = [
            EnvVar(name: "FLOWENGINE_ENGINE", value: engine),
            EnvVar(name: "FLOWENGINE_JOB", value: job),
            EnvVar(name: "FLOWENGINE_RUN", value: run),
            EnvVar(name: "FLOWENGINE_TASK", value: task),
            EnvVar(name: "FLOWENGINE_ATTEMPT", value: String(attempt)),
        ]
        for (name, value) in params.sorted(by: { $0.key < $1.key }) {
            variables.append(EnvVar(name: parameterVariable(name), value: Template.text(of: value)))
        }
        if let item {
            variables.append(EnvVar(name: "FLOWENGINE_INDEX", value: String(item.index)))
            variables.append(EnvVar(name: item.variable.uppercased(), value: Template.text(of: item.value)))
        }
        return variables
    }

    package static func parameterVariable(_ name: String) -> String {
        "PARAM_" + name.uppercased()
    }

    /// Whether a name cannot be that of a map's item: expressions or programs give it another meaning.
    package static func isReserved(_ name: String) -> Bool {
        let capitals = name.uppercased()
        return ExpressionContext.roots.contains(name) || name == ExpressionContext.index
            || reservedWords.contains(name) || reservedVariables.contains(capitals)
            || reservedPrefixes.contains { capitals.hasPrefix($0) }
    }

    /// Words that CEL keeps for itself: <https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax>.
    private static let reservedWords: Set<String> = [
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
        "namespace", "null", "package", "return", "true", "var", "void", "while",
    ]

    /// Variables that shells and programs act on.
    private static let reservedVariables: Set<String> = [
        "CDPATH", "ENV", "HOME", "HOSTNAME", "IFS", "LANG", "LOGNAME", "OLDPWD", "OPTARG", "OPTIND", "PATH", "PPID",
        "PS1", "PS2", "PS4", "PWD", "SHELL", "TERM", "TMPDIR", "TZ", "USER",
    ]

    private static let reservedPrefixes = ["FLOWENGINE_", "KUBERNETES_", "LC_", "LD_", "PARAM_", "PYTHON"]
}
