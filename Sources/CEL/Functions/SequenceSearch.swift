/// Finds a sequence in others in linear time (Knuth, Morris and Pratt).
struct SequenceSearch<Element: Equatable> {
    let pattern: [Element]
    /// For each prefix of the pattern, the length of its longest proper border.
    private let borders: [Int]

    init(_ pattern: [Element]) {
        var borders = [Int](repeating: 0, count: pattern.count)
        var length = 0
        for index in pattern.indices.dropFirst() {
            while length > 0, pattern[index] != pattern[length] {
                length = borders[length - 1]
            }
            if pattern[index] == pattern[length] {
                length += 1
            }
            borders[index] = length
        }
        self.pattern = pattern
        self.borders = borders
    }

    /// The index of the first occurrence at or after a place. The empty pattern occurs everywhere.
    func firstIndex(in text: [Element], from start: Int = 0) -> Int? {
        guard start >= 0, start <= text.count else { return nil }
        if pattern.isEmpty {
            return start
        }
        var length = 0
        for index in start..<text.count {
            while length > 0, pattern[length] != text[index] {
                length = borders[length - 1]
            }
            if pattern[length] == text[index] {
                length += 1
            }
            if length == pattern.count {
                return index + 1 - length
            }
        }
        return nil
    }

    /// The index of the last occurrence that starts at or before a place.
    func lastIndex(in text: [Element], startingUpTo end: Int) -> Int? {
        let reversed = SequenceSearch(Array(pattern.reversed()))
        guard end >= 0 else { return nil }
        let limit = min(text.count, end + pattern.count)
        let backwards = Array(text[..<limit].reversed())
        return reversed.firstIndex(in: backwards).map { limit - $0 - pattern.count }
    }

    /// The indexes of all occurrences that do not overlap, at most so many. The empty pattern occurs before each
    /// element and at the end.
    func indexes(in text: [Element], limit: Int = .max) -> [Int] {
        var indexes: [Int] = []
        var start = 0
        while indexes.count < limit, let index = firstIndex(in: text, from: start) {
            indexes.append(index)
            start = index + max(pattern.count, 1)
        }
        return indexes
    }
}
