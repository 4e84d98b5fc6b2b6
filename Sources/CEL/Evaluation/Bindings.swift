/// The variables of an evaluation.
package struct Bindings: Sendable, ExpressibleByDictionaryLiteral {
    private var values: [String: Value]

    package init(_ values: [String: Value] = [:]) {
        self.values = values
    }

    package init(dictionaryLiteral elements: (String, Value)...) {
        values = Dictionary(elements, uniquingKeysWith: { _, last in last })
    }

    package subscript(name: String) -> Value? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// The names, for messages.
    var names: some Sequence<String> { values.keys }
}
