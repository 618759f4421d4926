// One call of poise, from its arguments to what it prints and how it exits. Touches nothing.

internal import ArgumentParser
internal import Protocol
internal import Weighting

/// How poise exits.
enum ExitStatus: Int32 {
    case done = 0
    case failed
    case usage
    case configurationInvalid
    case masterUnreachable
    case unsafe
    case tooLate
}

/// What one call came to.
struct Outcome: Equatable {
    /// For standard output.
    var output = ""
    /// For standard error.
    var complaint = ""
    var status = ExitStatus.done
}

/// Asks the master on a socket for what is at a path of the admin API.
///
/// `body` goes with what changes something.
typealias Fetch =
    @Sendable (
        _ socket: String, _ method: AdminAPI.Method, _ path: String, _ body: [UInt8]
    ) async throws(Failure) -> [UInt8]

/// What a call has besides its arguments.
struct CommandLineRun: Sendable {
    let environment: @Sendable (String) -> String?
    let isTerminal: Bool
    let fetch: Fetch
    /// Waits for so many seconds.
    let pause: @Sendable (_ seconds: Double) async -> Void
    var pipe = Pipe()
    var files = ImportFiles.onDisk
    var kernel = KernelView.ofThisHost

    func run(_ arguments: [String]) async -> Outcome {
        do {
            var command = try PoiseCommand.parseAsRoot(arguments)
            guard let act = command as? any Act else {
                // A command that only holds others, or the one that tells of another: each throws its help.
                try command.run()
                return Outcome()
            }
            let verb = act as? any Verb
            let socket =
                verb?.connection.socket ?? environment("POISE_SOCKET") ?? verb?.configuredSocket
                ?? AdminAPI.standardSocketPath
            let usesColour =
                isTerminal && (environment("NO_COLOR") ?? "").isEmpty
                && environment("TERM") != "dumb"
            return try await act.perform(
                Session(
                    asker: environment("SUDO_USER"), isTerminal: isTerminal,
                    style: usesColour ? .colours : .plain,
                    master: Master(socket: socket, fetch: fetch), pause: pause, pipe: pipe,
                    files: files, kernel: kernel))
        } catch let failure as Failure {
            return failure.outcome
        } catch {
            return Self.outcome(ofParsing: error)
        }
    }

    /// Help and version are no errors, though the parser throws them.
    private static func outcome(ofParsing error: any Error) -> Outcome {
        let text = PoiseCommand.fullMessage(for: error)
        return PoiseCommand.exitCode(for: error) == .success
            ? Outcome(output: text + "\n") : Outcome(complaint: text + "\n", status: .usage)
    }
}

/// A subcommand.
protocol Act: ParsableCommand {
    func perform(_ session: Session) async throws(Failure) -> Outcome
}

/// A subcommand that asks the master.
protocol Verb: Act {
    var connection: Connection { get }
    /// The admin socket of the master's file, for subcommands that read that file.
    var configuredSocket: String? { get }
}

extension Verb {
    var configuredSocket: String? { nil }
}

/// Where a subcommand prints to, and whom it asks.
struct Session {
    /// Who stands behind a user that several people are.
    let asker: String?
    let isTerminal: Bool
    let style: Style
    let master: Master
    let pause: @Sendable (_ seconds: Double) async -> Void
    let pipe: Pipe
    /// Of other programs.
    let files: ImportFiles
    let kernel: KernelView
}

/// Standard input and output, for a subcommand that answers while it reads.
struct Pipe: Sendable {
    /// What came next, waiting for it; nothing at the end.
    var read: @Sendable () -> [UInt8] = { [] }
    /// Writes at once; false when nobody reads any more.
    var write: @Sendable (String) -> Bool = { _ in false }
    /// Writes to standard error at once.
    var complain: @Sendable (String) -> Void = { _ in }
}

/// The command without a subcommand.
struct PoiseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poise",
        abstract: "Shows what the weights of this director's real servers are, and why.",
        discussion: """
            Exit status: 0 done, 1 failed, 2 usage, 3 configuration invalid, 4 master \
            unreachable, 5 refused by a safety rule, 6 timed out.
            """,
        version: "poise \(Poise.version)",
        subcommands: [
            ListCommand.self, ExplainCommand.self, EventsCommand.self, DrainCommand.self,
            ReadyCommand.self, SetWeightCommand.self, ServerCommand.self, OrdersCommand.self,
            CheckCommand.self, PlanCommand.self, ApplyCommand.self, AgentCommand.self,
            PolicyCommand.self, SimulateCommand.self, DoctorCommand.self, ImportCommand.self,
            ExportCommand.self, VersionCommand.self,
        ])

    @OptionGroup var connection: Connection
}

/// How to reach the master; every subcommand takes it.
struct Connection: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The master's admin socket (default: $POISE_SOCKET; else, for poise agent, "
                + "listen.admin of --config; else \(AdminAPI.standardSocketPath)).",
            valueName: "path"))
    var socket: String?
}

/// In which form to print.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, wide, json
}
