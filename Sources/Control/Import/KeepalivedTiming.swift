// How often keepalived checks and how long it waits: said for a virtual server, a real server or a
// single check, each for what is inside.

/// The words of keepalived.conf that hold further in.
struct KeepalivedTiming {
    private var delayLoopSeconds = 60.0
    private var connectTimeoutSeconds = 5.0
    /// As the checker has it when nothing is said.
    private var retry: Int?
    /// The Host header.
    private(set) var virtualHost: String?

    static let keywords: Set<String> = [
        "delay_loop", "connect_timeout", "retry", "nb_get_retry", "delay_before_retry", "warmup",
        "log_all_failures", "misc_timeout",
    ]

    func with(_ nodes: [KeepalivedNode]) -> KeepalivedTiming {
        var timing = self
        for node in nodes {
            let value = node.arguments.first
            switch node.keyword {
            case "delay_loop": timing.delayLoopSeconds = Self.seconds(value) ?? delayLoopSeconds
            case "connect_timeout", "misc_timeout":
                timing.connectTimeoutSeconds = Self.seconds(value) ?? connectTimeoutSeconds
            case "retry", "nb_get_retry": timing.retry = value.flatMap { Int($0) } ?? retry
            case "virtualhost": timing.virtualHost = value ?? virtualHost
            default: break
            }
        }
        return timing
    }

    private static func seconds(_ text: String?) -> Double? {
        guard let text, let value = Double(text), value > 0, value < 1e6 else { return nil }
        return value
    }

    /// The same in our words: a server is down when the first check and every retry failed.
    func set(on check: inout AdoptedCheck, standardRetry: Int) {
        // Within what our keys take; see docs/adoption.md.
        let interval = min(max(delayLoopSeconds, AdoptedCheck.leastIntervalSeconds), 3600)
        check.set("interval", YAMLText(seconds: interval))
        check.set("timeout", YAMLText(seconds: min(connectTimeoutSeconds, interval)))
        let fall = min(max((retry ?? standardRetry), 0), 98) + 1
        check.set("fall", YAMLText(plain: "\(fall)"))
    }
}
