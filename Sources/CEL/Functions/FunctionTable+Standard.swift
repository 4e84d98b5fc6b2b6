extension FunctionTable {
    /// All functions of the language and of the extensions that Kubernetes has.
    static let standard = FunctionTable(CoreLibrary.functions)
}
