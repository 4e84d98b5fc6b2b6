/// Kubernetes' expansion of `$(NAME)` in commands, arguments and environment values.
enum VariableExpansion {
    /// `$(NAME)` becomes the variable's value; with an unknown name it stays. `$$` stands for one `$`, so that `$$(NAME)` gives
    /// `$(NAME)`. Behaviour: `k8s.io/kubernetes/third_party/forked/golang/expansion`.
    static func expand(_ text: String, _ lookup: (String) -> String?) -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            guard let next = rest.first else {
                result += "$"
                break
            }
            if next == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if next == "(" {
                guard let end = rest.firstIndex(of: ")") else {
                    // Without an end it is no reference.
                    result += "$("
                    rest = rest.dropFirst()
                    continue
                }
                let name = rest[rest.index(after: rest.startIndex)..<end]
                result += lookup(String(name)) ?? "$(\(name))"
                rest = rest[rest.index(after: end)...]
            } else {
                result += "$\(next)"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }
}
