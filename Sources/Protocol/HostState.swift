// What a server says of itself: one state, and why.

/// The state of a server or of one of its services, as the agent sees it (PROTOCOL.md §4).
package enum HostState: UInt8, CaseIterable, Sendable {
    case unknown = 0
    case up
    case degraded
    case draining
    case down
    case leaving
    case warming

    /// The word for it in output and metrics.
    package var name: String {
        switch self {
        case .unknown: "unknown"
        case .up: "up"
        case .degraded: "degraded"
        case .draining: "draining"
        case .down: "down"
        case .leaving: "leaving"
        case .warming: "warming"
        }
    }

    /// How little the server is fit for.
    ///
    /// Unknown says nothing, so anything said outranks it.
    private var severity: Int {
        switch self {
        case .unknown: 0
        case .up: 1
        case .warming: 2
        case .degraded: 3
        case .draining: 4
        case .leaving: 5
        case .down: 6
        }
    }

    /// The worse of two states: a service's own state can only narrow its host's.
    package static func worse(_ one: HostState, _ other: HostState) -> HostState {
        other.severity > one.severity ? other : one
    }
}

/// Why a server is in its state (PROTOCOL.md §4); numbers 200 to 255 are the site's own.
package struct StateReason: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let none = StateReason(rawValue: 0)
    package static let localCheck = StateReason(rawValue: 1)
    package static let dependency = StateReason(rawValue: 2)
    package static let overload = StateReason(rawValue: 3)
    package static let memory = StateReason(rawValue: 4)
    package static let disk = StateReason(rawValue: 5)
    package static let `operator` = StateReason(rawValue: 6)
    package static let deployHook = StateReason(rawValue: 7)
    package static let maintenanceFile = StateReason(rawValue: 8)
    package static let notListening = StateReason(rawValue: 9)
    package static let serviceStopping = StateReason(rawValue: 16)
    package static let hostShutdown = StateReason(rawValue: 17)
    /// The agent restarts and its server goes on: the master keeps the server as it is.
    package static let agentRestart = StateReason(rawValue: 18)
    package static let agentFault = StateReason(rawValue: 19)

    /// The words for it in output; a number that has none is shown as the number.
    package var name: String {
        switch self {
        case .none: "none"
        case .localCheck: "local check"
        case .dependency: "dependency"
        case .overload: "overload"
        case .memory: "memory"
        case .disk: "disk"
        case .operator: "operator"
        case .deployHook: "deploy hook"
        case .maintenanceFile: "maintenance file"
        case .notListening: "not listening"
        case .serviceStopping: "service stopping"
        case .hostShutdown: "host shutdown"
        case .agentRestart: "agent restart"
        case .agentFault: "agent fault"
        default: rawValue >= 200 ? "site \(rawValue)" : "reason \(rawValue)"
        }
    }
}
