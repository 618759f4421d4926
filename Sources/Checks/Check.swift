// One check of one server: whom to ask, what, how often, and how many answers decide.

package import Daemon

/// What is asked again and again; two members with equal checks share one run of it.
package struct Check: Hashable, Sendable {
    package let probe: Probe
    /// Where it goes; what ``Probe/ping`` and ``Probe/program(_:)`` do not need of it is 0.
    package let target: SocketAddress
    package let timing: CheckTiming

    package init(_ probe: Probe, to target: SocketAddress, timing: CheckTiming = CheckTiming()) {
        self.probe = probe
        self.target = target
        self.timing = timing
    }

    /// For people, as in `http 10.0.0.1:80`.
    package var name: String {
        switch probe {
        case .ping, .program: "\(probe.name) \(target.host)"
        default: "\(probe.name) \(target)"
        }
    }
}

/// What is asked.
package enum Probe: Hashable, Sendable {
    /// A connection is made, and closed at once.
    case connect
    case page(PageRequest)
    case smtp(SMTPRequest)
    case dns(DNSRequest)
    case datagram(DatagramRequest)
    case ping
    case program(ProgramRequest)

    /// The word for it in the files.
    package var name: String {
        switch self {
        case .connect: "tcp"
        case .page(let request): request.tls == nil ? "http" : "https"
        case .smtp: "smtp"
        case .dns: "dns"
        case .datagram: "udp"
        case .ping: "icmp"
        case .program: "exec"
        }
    }
}

/// When a check is made, and how many answers in a row decide.
package struct CheckTiming: Hashable, Sendable {
    package let intervalNanoseconds: Int64
    /// At most the interval, so that one run is over before the next.
    package let timeoutNanoseconds: Int64
    /// How much earlier than the interval says a run may begin, by chance.
    package let jitterNanoseconds: Int64
    /// So many passed in a row, and it is up.
    package let rise: Int
    /// So many failed in a row, and it is down.
    package let fall: Int

    package init(
        intervalNanoseconds: Int64 = 1_000_000_000, timeoutNanoseconds: Int64 = 900_000_000,
        jitterNanoseconds: Int64 = 0, rise: Int = 2, fall: Int = 3
    ) {
        self.intervalNanoseconds = max(1_000_000, intervalNanoseconds)
        self.timeoutNanoseconds = min(max(1_000_000, timeoutNanoseconds), self.intervalNanoseconds)
        self.jitterNanoseconds = min(max(0, jitterNanoseconds), self.intervalNanoseconds / 2)
        self.rise = max(1, rise)
        self.fall = max(1, fall)
    }
}
