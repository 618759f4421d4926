// What the command line asks for; few enough flags to read them by hand.

/// One use of poise-agent.
enum Command: Equatable {
    case run(config: String)
    case check(config: String)
    case once(config: String, json: Bool)
    case keygen(path: String?)
    case waitDrained(config: String, service: String, timeoutMilliseconds: Int)
    case version
    case help
}

/// A command line that makes no sense.
struct UsageError: Error, Equatable {
    let message: String
}

extension Command {
    static let defaultConfig = "/etc/poise/agent.conf"

    /// Reads the arguments after the program's name.
    init(arguments: [String]) throws(UsageError) {
        if arguments.first == "keygen" {
            self = try Self.keygen(arguments.dropFirst())
            return
        }
        if arguments.first == "wait-drained" {
            self = try Self.waitDrained(arguments.dropFirst())
            return
        }
        var config = Self.defaultConfig
        var isCheck = false
        var isOnce = false
        var isJSON = false
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h":
                self = .help
                return
            case "--version":
                self = .version
                return
            case "--config":
                guard let path = rest.popFirst() else {
                    throw UsageError(message: "--config needs the path of a file")
                }
                config = path
            case "--check": isCheck = true
            case "--once": isOnce = true
            case "--json": isJSON = true
            default:
                let known = [
                    "--config", "--check", "--once", "--json", "--version", "--help", "keygen",
                    "wait-drained",
                ]
                let meant = suggestion(for: argument, among: known)
                throw UsageError(
                    message: "unknown argument \"\(argument)\""
                        + (meant.map { "; did you mean \($0)?" } ?? ""))
            }
        }
        guard !(isCheck && isOnce) else {
            throw UsageError(message: "--check and --once exclude each other")
        }
        guard isOnce || !isJSON else { throw UsageError(message: "--json goes with --once") }
        self =
            isCheck
            ? .check(config: config)
            : isOnce ? .once(config: config, json: isJSON) : .run(config: config)
    }

    private static func keygen(_ rest: ArraySlice<String>) throws(UsageError) -> Command {
        guard rest.count <= 1 else { throw UsageError(message: "keygen takes one path at most") }
        if rest.first == "--help" || rest.first == "-h" { return .help }
        if let path = rest.first, path.hasPrefix("-") {
            throw UsageError(message: "unknown argument \"\(path)\" after keygen")
        }
        return .keygen(path: rest.first)
    }

    /// Ten minutes: most connections end within them, and a deploy that hangs is seen.
    static let standardTimeout = "600s"

    private static func waitDrained(_ arguments: ArraySlice<String>) throws(UsageError) -> Command {
        var rest = arguments
        var config = Self.defaultConfig
        var service: String?
        var timeout = Self.standardTimeout
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h":
                return .help
            case "--config", "--timeout":
                guard let value = rest.popFirst() else {
                    throw UsageError(message: "\(argument) needs a value")
                }
                if argument == "--config" { config = value } else { timeout = value }
            default:
                guard !argument.hasPrefix("-"), service == nil else {
                    throw UsageError(
                        message: "unknown argument \"\(argument)\" after wait-drained")
                }
                service = argument
            }
        }
        guard let service else {
            throw UsageError(message: "wait-drained needs the name of a service")
        }
        // A number alone counts seconds, as timeouts of commands mostly do.
        let text = UInt(timeout) == nil ? timeout : "\(timeout)s"
        do throws(ValueFault) {
            guard case .milliseconds(let count) = try Shape.duration(0...86_400_000).read(text)
            else { throw ValueFault(message: "\(timeout) is not a time") }
            return .waitDrained(config: config, service: service, timeoutMilliseconds: count)
        } catch {
            throw UsageError(message: "--timeout: \(error.message)")
        }
    }

    static var helpText: String {
        """
        poise-agent: tells the masters of this server's load.

          poise-agent [--config FILE]                  report until stopped
          poise-agent [--config FILE] --check          say whether file and keys are valid
          poise-agent [--config FILE] --once [--json]  look twice, one interval apart, and print
          poise-agent keygen [KEYFILE]                 make a key; prints its public half
          poise-agent wait-drained SERVICE [--timeout TIME] [--config FILE]
                                                       until no connection of it is left
          poise-agent --version | --help

        FILE is \(defaultConfig) unless given; KEYFILE is \(Setting.key.standard ?? "").
        TIME is a number of seconds, or as in 500ms; \(standardTimeout) unless given.
        Exit codes: 0 done, 1 failed, 2 usage, 3 configuration invalid, 4 the agent does not run,
        6 timed out.

        The file has sections with one key = value a line; # and ; begin comments.
        \(Setting.helpText)
        """
    }
}
