extension FunctionTable {
    /// All functions of the language and of the extensions that Kubernetes has.
    static let standard = FunctionTable(
        CoreLibrary.functions + ConversionLibrary.functions + TimeLibrary.functions + OptionalLibrary.functions
            + StringLibrary.functions + SequenceLibrary.functions + ListLibrary.functions + SetLibrary.functions
            + RegexLibrary.functions + MathLibrary.functions + EncoderLibrary.functions
            + QuantityLibrary.functions)
}
