// What the agent was told to do, decoded from its file with every fault named at its place.

internal import Daemon
internal import Protocol

/// The agent's settings, whole and valid.
struct Configuration {
    struct Host {
        /// Metrics that stand in for the kernel's figures.
        var standIn: StandIn?
        /// The folder of a control group that does; without either, /proc tells.
        var controlGroup: String?
    }

    struct StandIn {
        let url: PageURL
        let cpuBusy: MetricSelector
        let runnable: MetricSelector
        let cores: MetricSelector
        let memoryAvailable: MetricSelector?
    }

    struct Service {
        let name: String
        let id: ServiceID
        var port: UInt16?
        var address: SocketAddress?
        var sources: [Source] = []

        /// Whether a source tells this, so that the port need not.
        func isTold(_ field: Field) -> Bool { sources.contains { $0.fields.contains(field) } }
    }

    /// One source of a service beside its port, and the figures that are its own to tell.
    struct Source {
        let kind: SourceKind
        let fields: [Field]
        let origin: Origin
    }

    enum Origin {
        /// One metric for each field.
        case metrics(PageURL, [MetricSelector])
        /// A page with fields of its own; of one proxy, where it has several.
        case page(Question, proxy: String?)
        case file(FileSource.Settings)
        case exec(ExecSource.Settings)
        case statsd(StatsdSource.Settings)
    }

    /// The newest key first.
    var keyPaths: [String] = []
    var masters: [MasterAddress] = []
    var intervalMilliseconds = 0
    var pageIntervalMilliseconds = 0
    /// Why a stop of the agent happens, as its goodbye says.
    var goodbyeReason = StateReason.agentRestart
    var runFolder = ""
    /// Where HAProxy's agent-check asks; `nil` when it does not.
    var agentCheck: SocketAddress?
    var host = Host()
    var services: [Service] = []
}

/// Every fault of a file, as printed to the operator.
struct ConfigurationFaults: Error {
    let problems: [Problem]
    let text: String
}

extension Configuration {
    /// Decodes the text of a file; `file` is its name in messages.
    static func decode(_ text: String, file: String) throws(ConfigurationFaults) -> Configuration {
        let source = INIFile(text: text)
        var decoder = ConfigurationDecoder(problems: source.problems)
        let configuration = decoder.decode(source)
        let problems = decoder.problems.sorted {
            ($0.position.line, $0.position.column) < ($1.position.line, $1.position.column)
        }
        guard problems.isEmpty else {
            throw ConfigurationFaults(
                problems: problems,
                text: problems.map { $0.text(file: file, source: source) }.joined())
        }
        return configuration
    }
}
