// poise: the command line of a person who asks the master.

internal import Glibc

@main
enum Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let outcome = await CommandLineRun(
            environment: { name in getenv(name).map { String(cString: $0) } },
            isTerminal: isatty(STDOUT_FILENO) == 1, fetch: MasterClient.fetch,
            pause: { seconds in try? await Task.sleep(for: .seconds(seconds)) }
        ).run(arguments)
        write(outcome.output, to: STDOUT_FILENO)
        write(outcome.complaint, to: STDERR_FILENO)
        exit(outcome.status.rawValue)
    }

    /// Gives up quietly when nobody reads any more, as `poise ls | head` has it.
    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
