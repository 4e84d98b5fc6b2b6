import Glibc

exit(AgentCommand.main(CommandLine.arguments))
