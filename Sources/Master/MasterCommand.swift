// poise-master: arguments, exit statuses, and which thread does what.

internal import ArgumentParser
internal import Daemon
internal import Logging
internal import Protocol
internal import Settings

@main
struct MasterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poise-master",
        abstract: "Keeps the weights of IPVS true to what its servers can carry.",
        version: Poise.version,
        subcommands: [Run.self, Keygen.self],
        defaultSubcommand: Run.self)

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            // argument-parser's own status for bad usage is 64; ours is 2.
            let status = exitCode(for: error).rawValue
            let text = fullMessage(for: error)
            switch (text.isEmpty, status) {
            case (true, _): break
            case (false, 0): Output.text(text + "\n")
            case (false, _): Output.error(text + "\n")
            }
            exit(withCode: status == ExitCode.validationFailure.rawValue ? 2 : status)
        }
    }

    private static func exit(withCode code: Int32) -> Never { Self.exit(withError: ExitCode(code)) }
}

/// The statuses of this program; also in its help.
extension ExitCode {
    static let configurationInvalid = ExitCode(3)
}

extension MasterCommand {
    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs the master (the default).",
            discussion: """
                SIGHUP reads the configuration again; a bad one changes nothing. SIGTERM ends the \
                master and leaves the kernel's table as it is.
                Exit status: 0 done, 1 failed, 2 usage, 3 configuration invalid.
                """)

        @Option(help: "The configuration file.")
        var config = "/etc/poise/master.yaml"

        @Flag(help: "Check the configuration, say what is wrong, and end.")
        var check = false

        @Flag(help: "Decide and say, but write nothing to the table.")
        var dryRun = false

        func run() throws {
            SpareMemory.keepLargeBlocksApart()
            let cache = ServicesCache()
            let loaded = Configuration.load(config, cache: cache)
            if check {
                Output.text(loaded.report)
                throw loaded.configuration == nil ? ExitCode.configurationInvalid : .success
            }
            guard let configuration = loaded.configuration else {
                Output.error(loaded.problems.report)
                throw ExitCode.configurationInvalid
            }
            MasterLogHandler.bootstrap()
            let logger = Logger(label: "poise-master")
            logger.reportProblems(loaded.problems)
            do {
                try MasterProcess.run(
                    configuration, path: config, cache: cache, isDryRun: dryRun, logger: logger)
            } catch {
                logger.error("\(error)")
                throw ExitCode.failure
            }
        }
    }
}
