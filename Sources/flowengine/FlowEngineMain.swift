import FlowCLI

@main
enum FlowEngineMain {
    static func main() async {
        await FlowEngineCommand.start()
    }
}
