/// Finds what somebody probably meant.
enum DidYouMean {
    /// The name nearest to what was written, if it is near enough to be a slip: a third of its letters at most.
    static func nearest(to written: String, among names: some Sequence<String>) -> String? {
        let limit = max(1, written.count / 3)
        var best: (name: String, distance: Int)?
        for name in names where abs(name.count - written.count) <= limit {
            let distance = distance(written, name)
            if distance <= limit, distance < best?.distance ?? Int.max {
                best = (name, distance)
            }
        }
        return best?.name
    }

    /// `did you mean 'split'?`, or else what there is: `known are: count, split`.
    static func suggestion(for written: String, among names: some Collection<String>) -> String {
        if let name = nearest(to: written, among: names) {
            return "did you mean '\(name)'?"
        }
        guard !names.isEmpty else { return "there are none" }
        let sorted = names.sorted()
        let shown = sorted.prefix(10).joined(separator: ", ")
        return "known are: \(shown)\(sorted.count > 10 ? ", …" : "")"
    }

    /// How many letters must be inserted, removed, replaced or swapped with their neighbour (optimal string alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.lowercased().unicodeScalars)
        let b = Array(right.lowercased().unicodeScalars)
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
