/// Finds a text in others in linear time (Knuth, Morris and Pratt).
///
/// UTF-8 is self-synchronizing: a match of bytes between two texts is a match of code points.
struct UTF8Search {
    private let pattern: [UInt8]
    /// For each prefix of the pattern, the length of its longest proper border.
    private let borders: [Int]

    init(_ pattern: String) {
        self.init(Array(pattern.utf8))
    }

    init(_ pattern: [UInt8]) {
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

    /// The offset in UTF-8 of the first occurrence.
    func firstIndex(in text: String) -> Int? {
        firstIndex(in: Array(text.utf8), from: 0)
    }

    /// The offset of the first occurrence at or after an offset.
    func firstIndex(in text: [UInt8], from start: Int) -> Int? {
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
}
