// What a source can tell of a service, and which source can tell what.

/// One figure of a service; its number is its place in ``Readings/values``.
enum Field: Int, CaseIterable {
    /// Counters.
    case requests, errors
    /// Gauges.
    case inFlight, queue
    /// 0 to 1.
    case load
    /// In microseconds.
    case p99
    /// Is a word, so its place in the values stays empty.
    case state

    /// Its name in the agent's file and in lines of names and values.
    var word: String {
        switch self {
        case .requests: "requests"
        case .errors: "errors"
        case .inFlight: "in-flight"
        case .queue: "queue"
        case .load: "load"
        case .p99: "p99"
        case .state: "state"
        }
    }

    init?(word: some StringProtocol) {
        guard let field = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = field
    }
}

/// Where figures of a service can come from, beside its port.
enum SourceKind: CaseIterable {
    case prometheus, nginx, haproxy, phpFPM, file, exec, statsd

    /// The key that names it in a service's section.
    var setting: Setting {
        switch self {
        case .prometheus: .prometheus
        case .nginx: .nginx
        case .haproxy: .haproxy
        case .phpFPM: .phpFPM
        case .file: .file
        case .exec: .exec
        case .statsd: .statsd
        }
    }

    /// The key that says which of its figures count; the metrics of a page are named one by one.
    var choice: Setting? {
        switch self {
        case .prometheus: nil
        case .nginx: .nginxFields
        case .haproxy: .haproxyFields
        case .phpFPM: .phpFPMFields
        case .file: .fileFields
        case .exec: .execFields
        case .statsd: .statsdFields
        }
    }

    /// Whether all that is asked of it must be there; applications send what they like.
    var isWhole: Bool {
        switch self {
        case .prometheus, .nginx, .haproxy, .phpFPM: true
        case .file, .exec, .statsd: false
        }
    }

    /// All that it can tell.
    var fields: [Field] {
        switch self {
        case .prometheus: [.requests, .errors, .inFlight, .load]
        case .nginx: [.requests, .inFlight]
        case .haproxy: [.requests, .errors, .inFlight, .queue]
        case .phpFPM: [.requests, .inFlight, .queue, .load]
        case .file, .exec: Field.allCases
        case .statsd: [.requests, .errors, .inFlight, .queue, .load, .p99]
        }
    }
}
