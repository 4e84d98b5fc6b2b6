import CEL
import Foundation
import Testing

@Suite("Stack")
struct StackTests {
    /// Expressions as deep as the parser lets them be.
    static let deepest = [
        String(repeating: "(", count: 95) + "1" + String(repeating: ")", count: 95),
        "1" + String(repeating: " + 1", count: 95),
        String(repeating: "[", count: 95) + "1" + String(repeating: "]", count: 95),
        String(repeating: "{'a':", count: 95) + "1" + String(repeating: "}", count: 95),
        String(repeating: "[1].map(x, ", count: 45) + "1" + String(repeating: ")", count: 45),
        String(repeating: "true ? (", count: 45) + "1" + String(repeating: ") : 2", count: 45),
        String(repeating: "string(", count: 90) + "1" + String(repeating: ")", count: 90),
        String(repeating: "1 + (0 * (", count: 45) + "3" + String(repeating: "))", count: 45),
        String(repeating: "!(", count: 45) + "true" + String(repeating: ")", count: 45),
        "(" + String(repeating: "[", count: 49) + String(repeating: "]", count: 49) + ") == ("
            + String(repeating: "[", count: 49) + String(repeating: "]", count: 49) + ")",
    ]

    @Test("The deepest expression runs on a quarter of the stack that threads have", arguments: deepest)
    func smallStack(_ source: String) async throws {
        let failure = await withCheckedContinuation { continuation in
            let thread = Thread {
                do {
                    _ = try Expression(source).evaluate()
                    continuation.resume(returning: String?.none)
                } catch {
                    continuation.resume(returning: "\(error)")
                }
            }
            thread.stackSize = 2 * 1024 * 1024
            thread.start()
        }
        #expect(failure == nil)
    }
}
