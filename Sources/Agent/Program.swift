// poise-agent: from the command line to an exit code.

internal import CLinux
internal import Daemon
internal import Protocol

/// The exit codes that all programs of Poise share.
enum ExitCode: Int32 {
    case done = 0
    case failed = 1
    case usage = 2
    case configuration = 3
    case unreachable = 4
    case timedOut = 6
}

@main
enum Program {
    static func main() {
        let code: ExitCode
        do throws(UsageError) {
            code = run(try Command(arguments: Array(CommandLine.arguments.dropFirst())))
        } catch {
            Output.error("poise-agent: \(error.message); see poise-agent --help\n")
            code = .usage
        }
        exit(code.rawValue)
    }

    private static func run(_ command: Command) -> ExitCode {
        switch command {
        case .help:
            return Output.text(Command.helpText) ? .done : .failed
        case .version:
            return Output.text("poise-agent \(Poise.version)\n") ? .done : .failed
        case .keygen(let path):
            return Key.generate(at: path ?? Setting.key.standard ?? "")
        case .waitDrained(let config, let service, let timeout):
            guard let configuration = load(config) else { return .configuration }
            return WaitDrained(service: service, runFolder: configuration.runFolder)
                .run(timeoutMilliseconds: timeout)
        case .check(let config):
            guard let configuration = load(config), let masters = masters(of: configuration) else {
                return .configuration
            }
            return Output.text(
                "\(config) is valid; masters: \(masters.count), "
                    + "services: \(configuration.services.count)\n") ? .done : .failed
        case .once(let config, let isJSON):
            guard let configuration = load(config) else { return .configuration }
            return Once(configuration).run(json: isJSON)
        case .run(let config):
            guard let configuration = load(config), let masters = masters(of: configuration) else {
                return .configuration
            }
            return report(configuration, to: masters)
        }
    }

    private static func report(
        _ configuration: Configuration, to masters: [Destination]
    ) -> ExitCode {
        let log = Log()
        do throws(SystemError) {
            let signals = try Signals()
            let loop = try ReportLoop(
                configuration, masters: masters, notify: Notify(), log: log)
            log.notice(
                "poise-agent \(Poise.version) reports every "
                    + timeText(configuration.intervalMilliseconds) + "; masters: \(masters.count)")
            try loop.run(until: signals)
            return .done
        } catch {
            log.error("poise-agent: \(error)")
            return .failed
        }
    }

    /// The configuration; `nil` when its faults were told.
    private static func load(_ path: String) -> Configuration? {
        do throws(SystemError) {
            let text = try ConfigurationFile.read(path)
            do throws(ConfigurationFaults) {
                return try Configuration.decode(text, file: path)
            } catch {
                Output.error(error.text)
            }
        } catch {
            Output.error("poise-agent: \(error)\n")
        }
        return nil
    }

    /// The masters with the keys for them; `nil` when what is wrong was told.
    private static func masters(of configuration: Configuration) -> [Destination]? {
        var keys: [SecretKey] = []
        for path in configuration.keyPaths {
            guard let key = Key.load(path) else { return nil }
            keys.append(key)
        }
        let (boot, now) = (Session.randomBoot(), MonotonicClock.now())
        var masters: [Destination] = []
        for (index, master) in configuration.masters.enumerated() {
            do throws(SessionError) {
                let session = try Session(
                    agentKeys: keys, masterKeys: master.publicKeys, boot: boot)
                masters.append(
                    Destination(master.address, session: session, index: index, startedAt: now))
            } catch {
                Output.error("poise-agent: the master at \(master.address): \(error.letter)\n")
                return nil
            }
        }
        return masters
    }
}
