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
        section: .agent, key: "key", shape: .path, standard: "/etc/poise/agent.key", repeats: 4,
        help: "The private key of this agent; make it with: poise-agent keygen; "
            + "while keys change, one line for each, the newest first")
    static let master = Setting(
        section: .agent, key: "master", shape: .master, repeats: 64,
        help: "A master's address and port, then its public key, or two of them, the newest first, "
            + "while its keys change; one line for each master")
    static let interval = Setting(
        section: .agent, key: "interval", shape: .duration(50...10_000), standard: "500ms",
        help: "The time from one report to the next; a master may ask for another")
    static let pageInterval = Setting(
        section: .agent, key: "page-interval", shape: .duration(50...60_000), standard: "2s",
        help: "The time from one fetch of a page to the next, at least; one that stands in for the "
            + "host is fetched for every report")
    static let goodbye = Setting(
        section: .agent, key: "goodbye", shape: .choice(["restart", "stopping"]),
        standard: "restart",
        help: "What a stop of the agent says: restart keeps the server, stopping drains it")
    static let runFolder = Setting(
        section: .agent, key: "run-folder", shape: .path, standard: "/run/poise",
        help: "The folder with the maintenance files and the socket that wait-drained asks; "
            + "each agent of a host needs its own")
    static let agentCheck = Setting(
        section: .agent, key: "agent-check", shape: .listen,
        help: "The TCP port, with or without a local address, where HAProxy's agent-check asks")

    static let source = Setting(
        section: .host, key: "source", shape: .choice(["proc", "cgroup", "prometheus"]),
        standard: "proc",
        help: "Where the host's load comes from: the kernel, the control group of one service, or "
            + "metrics that stand in for it")
    static let controlGroup = Setting(
        section: .host, key: "cgroup", shape: .path,
        help: "The folder of the control group (v2) that stands in for the host; with source = "
            + "cgroup")
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
        help: "The service's metrics page; the four keys below name metrics there")
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

    static let nginx = Setting(
        section: .service, key: "nginx", shape: .url, help: "The page of nginx's stub_status")
    static let nginxFields = fields(of: .nginx, key: "nginx-fields")
    static let haproxy = Setting(
        section: .service, key: "haproxy", shape: .urlOrSocket,
        help: "HAProxy's statistics as CSV: their page, or the stats socket")
    static let haproxyProxy = Setting(
        section: .service, key: "haproxy-proxy", shape: .word,
        help: "The one proxy whose statistics count; without it, all frontends are summed up")
    static let haproxyFields = fields(of: .haproxy, key: "haproxy-fields")
    static let phpFPM = Setting(
        section: .service, key: "php-fpm", shape: .addressOrSocket,
        help: "Where a pool of php-fpm listens; it is asked for its status over FastCGI")
    static let phpFPMPath = Setting(
        section: .service, key: "php-fpm-path", shape: .path, standard: "/status",
        help: "The pool's pm.status_path")
    static let phpFPMFields = fields(of: .phpFPM, key: "php-fpm-fields")
    static let file = Setting(
        section: .service, key: "file", shape: .path,
        help: "A file with lines of a name and a value; read when it was written anew")
    static let fileAge = Setting(
        section: .service, key: "file-age", shape: .duration(1_000...3_600_000), standard: "30s",
        help: "After this time without being written the file is a fault")
    static let fileFields = fields(of: .file, key: "file-fields")
    static let exec = Setting(
        section: .service, key: "exec", shape: .command,
        help: "A program that prints lines of a name and a value; no shell reads the line")
    static let execUser = Setting(
        section: .service, key: "exec-user", shape: .word,
        help: "Who runs the program; without it the agent's own user, which must not be root, and "
            + "the program can read the agent's key")
    static let execInterval = Setting(
        section: .service, key: "exec-interval", shape: .duration(1_000...3_600_000),
        standard: "10s", help: "The time from one start of the program to the next")
    static let execLimit = Setting(
        section: .service, key: "exec-limit", shape: .duration(100...60_000), standard: "2s",
        help: "A program that runs longer is killed, with all that it started")
    static let execFields = fields(of: .exec, key: "exec-fields")
    static let statsd = Setting(
        section: .service, key: "statsd", shape: .socket,
        help: "A unix datagram socket to make, where applications send lines of statsd")
    static let statsdMode = Setting(
        section: .service, key: "statsd-mode", shape: .mode, standard: "0660",
        help: "The mode of that socket: who can write to it can send")
    static let statsdAge = Setting(
        section: .service, key: "statsd-age", shape: .duration(1_000...3_600_000), standard: "30s",
        help: "A gauge counts for so long after it was sent")
    static let statsdFields = fields(of: .statsd, key: "statsd-fields")

    /// The key that takes some of a source's figures and leaves others to another source.
    private static func fields(of kind: SourceKind, key: String) -> Setting {
        Setting(
            section: .service, key: key, shape: .fields(kind.fields),
            help: "Which of its figures count; all without it")
    }

    /// In the order of --help and of the example file.
    static let all = [
        key, master, interval, pageInterval, goodbye, runFolder, agentCheck,
        source, controlGroup, hostPrometheus, cpuBusy, runnable, cores, memoryAvailable,
        port, address, prometheus, requests, errors, inFlight, load,
        nginx, nginxFields, haproxy, haproxyProxy, haproxyFields, phpFPM, phpFPMPath, phpFPMFields,
        file, fileAge, fileFields, exec, execUser, execInterval, execLimit, execFields,
        statsd, statsdMode, statsdAge, statsdFields,
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
