import Glibc

/// What the agent is told through the environment.
struct Environment {
    /// Names of the outputs that the task declares, in their order, without repeats.
    var outputNames: [String] = []
    /// The directory in which the command leaves one file for each output.
    var outputDirectory = "/flowengine/outputs"
    var terminationLog = "/dev/termination-log"

    static var current: Environment {
        var environment = Environment()
        if let names = value("FLOWENGINE_OUTPUT_NAMES") {
            for name in names.split(separator: ",") {
                let name = String(name.drop(while: \.isWhitespace).prefix { !$0.isWhitespace })
                if !name.isEmpty, !environment.outputNames.contains(name) { environment.outputNames.append(name) }
            }
        }
        if let directory = value("FLOWENGINE_OUTPUTS") { environment.outputDirectory = directory }
        if let path = value("FLOWENGINE_TERMINATION_LOG") { environment.terminationLog = path }
        return environment
    }

    private static func value(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
