// What the command line asks for; few enough flags to read them by hand.

/// One use of poise-agent.
enum Command: Equatable {
    case run(config: String)
    case check(config: String)
    case once(config: String, json: Bool)
    case keygen(path: String?)
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

    static var helpText: String {
        """
        poise-agent: tells the masters of this server's load.

          poise-agent [--config FILE]                  report until stopped
          poise-agent [--config FILE] --check          say whether file and keys are valid
          poise-agent [--config FILE] --once [--json]  look twice, one interval apart, and print
          poise-agent keygen [KEYFILE]                 make a key; prints its public half
          poise-agent --version | --help

        FILE is \(defaultConfig) unless given; KEYFILE is \(Setting.key.standard ?? "").
        Exit codes: 0 done, 1 failed, 2 usage, 3 configuration invalid.

        The file has sections with one key = value a line; # and ; begin comments.
        \(Setting.helpText)
        """
    }
}
