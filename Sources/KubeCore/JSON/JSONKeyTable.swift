/// The keys of one document, each held as one `String`.
///
/// Kubernetes lists repeat a few dozen keys thousands of times; those are found again by a cheap hash and a comparison
/// of bytes, without making a string.
struct JSONKeyTable {
    private struct Slot {
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        var text = ""
    }

    private var slots: [Slot]
    /// How much of the hash counts.
    private let shift: UInt64

    /// - Parameter count: the bytes of the document; a small one, such as a watch event, gets a small table.
    init(documentSize count: Int) {
        let bits: UInt64 = count < 4_096 ? 5 : 8
        shift = 64 - bits
        // One more than the hash can reach: the last is for keys that are not kept.
        slots = Array(repeating: Slot(), count: (1 << Int(bits)) + 1)
    }

    @inline(__always)
    func text(_ slot: Int) -> String { slots[slot].text }

    /// The slot of a key of ASCII bytes without escapes. A key may be replaced by the next one interned.
    @inline(__always)
    mutating func intern(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
        let slot = Int(truncatingIfNeeded: Self.hash(bytes, count) >> shift)
        if slots[slot].count == count, let known = slots[slot].bytes, Self.same(known, bytes, count) { return slot }
        slots[slot] = Slot(
            bytes: bytes, count: count,
            text: String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
        return slot
    }

    /// The slot for a key that is used once.
    mutating func put(_ text: String) -> Int {
        slots[slots.count - 1].text = text
        return slots.count - 1
    }

    @inline(__always)
    private static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
        if count >= 8 {
            let raw = UnsafeRawPointer(bytes)
            hash ^= raw.loadUnaligned(as: UInt64.self)
            hash = hash &* 0xFF51_AFD7_ED55_8CCD
            hash ^= raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else {
            var index = 0
            while index < count {
                hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
                index += 1
            }
        }
        return hash &* 0xFF51_AFD7_ED55_8CCD
    }

    @inline(__always)
    private static func same(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        while count - index >= 8 {
            let a = UnsafeRawPointer(left + index).loadUnaligned(as: UInt64.self)
            let b = UnsafeRawPointer(right + index).loadUnaligned(as: UInt64.self)
            if a != b { return false }
            index += 8
        }
        while index < count {
            if left[index] != right[index] { return false }
            index += 1
        }
        return true
    }
}
