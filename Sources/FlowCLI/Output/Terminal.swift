import FoundationEssentials
import Glibc

/// What the program's output goes to, and how it may look there.
struct Terminal: Sendable {
    var isInteractive: Bool
    var style: RunTree.Style

    /// Follows the conventions of NO_COLOR, TERM=dumb and the locale.
    static func standardOutput(environment: [String: String] = ProcessInfo.processInfo.environment) -> Terminal {
        let isTerminal = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
        let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? ""
        let isUTF8 = locale.isEmpty || locale.uppercased().contains("UTF-8") || locale.uppercased().contains("UTF8")
        let columns = isTerminal ? size()?.columns ?? 0 : 0
        return Terminal(
            isInteractive: isTerminal,
            style: .init(
                colors: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty, unicode: isUTF8, width: columns))
    }

    /// How much room the terminal has; nil when it does not say.
    static func size() -> (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Writes to standard output at once, so that pipes see it as it happens.
    static func write(_ text: String) {
        writeAll(Array(text.utf8), to: STDOUT_FILENO)
    }

    static func write(_ bytes: some Sequence<UInt8>) {
        writeAll(Array(bytes), to: STDOUT_FILENO)
    }

    /// A line on standard error.
    static func note(_ line: String) {
        writeAll(Array((line + "\n").utf8), to: STDERR_FILENO)
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                guard errno == EINTR else { return }  // A reader that went away wants no more.
                continue
            }
            rest = rest.dropFirst(written)
        }
    }
}

extension Terminal {
    static func readStandardInput() -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}

/// A reader of our output that goes away must end a write with an error, not the process.
func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
}
