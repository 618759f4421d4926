// Every key of the agent's file, declared once: the decoder, --help and the pages read this table.

/// The sections that the file may hold.
enum SectionKind: String, CaseIterable {
    case agent, host, service

    var heading: String { self == .service ? "[service NAME]" : "[\(rawValue)]" }
}

/// One key of the file.
struct Setting: Equatable {
    let section: SectionKind
    let key: String
    let shape: Shape
    /// The value of a key that is left out; `nil` when leaving it out means not having it.
    var standard: String?
    /// May stand on several lines, up to this many times.
    var repeats = 1
    let help: String
}

extension Setting {
    static let key = Setting(
        section: .agent, key: "key", shape: .path, standard: "/etc/poise/agent.key",
        help: "The private key of this agent; make it with: poise-agent keygen")
    static let master = Setting(
        section: .agent, key: "master", shape: .master, repeats: 64,
        help: "A master's address and port, then its public key; one line for each master")
    static let interval = Setting(
        section: .agent, key: "interval", shape: .duration(50...10_000), standard: "500ms",
        help: "The time from one report to the next")
    static let goodbye = Setting(
        section: .agent, key: "goodbye", shape: .choice(["restart", "stopping"]),
        standard: "restart",
        help: "What a stop of the agent says: restart keeps the server, stopping asks for a drain; "
            + "this version's master shows it and leaves the weight")

    static let source = Setting(
        section: .host, key: "source", shape: .choice(["proc", "prometheus"]), standard: "proc",
        help: "Where the host's load comes from: the kernel, or metrics that stand in for it")
    static let hostPrometheus = Setting(
        section: .host, key: "prometheus", shape: .url,
        help: "The metrics page that stands in for the host; with source = prometheus")
    static let cpuBusy = Setting(
        section: .host, key: "cpu-busy", shape: .metric,
        help: "Counter: seconds of core time spent busy")
    static let runnable = Setting(
        section: .host, key: "runnable", shape: .metric,
        help: "Counter: seconds of task time spent running or waiting to run")
    static let cores = Setting(
        section: .host, key: "cores", shape: .metric, help: "Gauge: cores that work may use")
    static let memoryAvailable = Setting(
        section: .host, key: "memory-available", shape: .metric,
        help: "Gauge: share of memory that is available, 0 to 1")

    static let port = Setting(
        section: .service, key: "port", shape: .port,
        help: "The TCP port of the service; without it nobody looks whether it listens")
    static let address = Setting(
        section: .service, key: "address", shape: .address,
        help: "The local address that counts for the port; without it any address does")
    static let prometheus = Setting(
        section: .service, key: "prometheus", shape: .url,
        help: "The service's metrics page; the keys below name metrics there")
    static let requests = Setting(
        section: .service, key: "requests", shape: .metric, help: "Counter: requests finished")
    static let errors = Setting(
        section: .service, key: "errors", shape: .metric,
        help: "Counter: requests that failed by the server's fault")
    static let inFlight = Setting(
        section: .service, key: "in-flight", shape: .metric,
        help: "Gauge: requests in work; without it, established connections of the port")
    static let load = Setting(
        section: .service, key: "load", shape: .metric,
        help: "Gauge: the application's own utilisation, 0 to 1")

    /// In the order of --help and of the example file.
    static let all = [
        key, master, interval, goodbye,
        source, hostPrometheus, cpuBusy, runnable, cores, memoryAvailable,
        port, address, prometheus, requests, errors, inFlight, load,
    ]

    /// The table as --help prints it.
    static var helpText: String {
        var text = ""
        for section in SectionKind.allCases {
            text += "\n  \(section.heading)\n"
            for setting in all where setting.section == section {
                let left = "    \(setting.key) = \(setting.shape.form)"
                let standard = setting.standard.map { " (default \($0))" } ?? ""
                text += "\(left)\n        \(setting.help)\(standard)\n"
            }
        }
        return text
    }
}
