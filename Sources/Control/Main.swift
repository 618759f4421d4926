// poise: the command line of a person who asks the master.

internal import Glibc

@main
enum Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let outcome = await CommandLineRun(
            environment: { name in getenv(name).map { String(cString: $0) } },
            isTerminal: isatty(STDOUT_FILENO) == 1, fetch: MasterClient.fetch,
            pause: { seconds in try? await Task.sleep(for: .seconds(seconds)) },
            pipe: Pipe(
                read: read, write: { write($0, to: STDOUT_FILENO) },
                complain: { write($0, to: STDERR_FILENO) })
        ).run(arguments)
        write(outcome.output, to: STDOUT_FILENO)
        write(outcome.complaint, to: STDERR_FILENO)
        exit(outcome.status.rawValue)
    }

    /// Gives up quietly when nobody reads any more, as `poise ls | head` has it.
    @discardableResult
    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// What came next on standard input; nothing at its end.
    private static func read() -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(STDIN_FILENO, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            return Array(piece.prefix(max(0, count)))
        }
    }
}
