// What the agent was told to do, decoded from its file with every fault named at its place.

internal import Daemon
internal import Protocol

/// The agent's settings, whole and valid.
struct Configuration {
    struct Host {
        /// Metrics that stand in for the kernel's figures; `nil` reads /proc.
        var standIn: StandIn?
    }

    struct StandIn {
        let url: MetricsURL
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
        var prometheus: MetricsURL?
        var requests: MetricSelector?
        var errors: MetricSelector?
        var inFlight: MetricSelector?
        var load: MetricSelector?
    }

    var keyPath = ""
    var masters: [MasterAddress] = []
    var intervalMilliseconds = 0
    /// Why a stop of the agent happens, as its goodbye says.
    var goodbyeReason = StateReason.agentRestart
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
