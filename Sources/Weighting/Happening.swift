// What happened, for people: one entry for each cause, whatever it lasts.

/// One thing that happened, to one service or to servers.
package struct Happening: Equatable, Sendable, Codable {
    package var cause: Cause
    /// At most ``mostNames`` of those that it happened to at once; none where it is about servers as
    /// such, or about the master.
    package var services: [String]
    package var serviceCount: Int
    /// The same of servers; none where it is about all of a service.
    package var servers: [String]
    package var serverCount: Int
    /// Why, or what it was before.
    package var detail: String?

    package static let mostNames = 8

    package init(
        _ cause: Cause, services: [String] = [], servers: [String] = [], detail: String? = nil
    ) {
        self.cause = cause
        self.services = Array(services.prefix(Self.mostNames))
        serviceCount = services.count
        self.servers = Array(servers.prefix(Self.mostNames))
        serverCount = servers.count
        self.detail = detail
    }

    /// The closed list of causes; docs/operating.md says what each means.
    package enum Cause: String, Sendable, Codable, CaseIterable {
        // Of a service, or of its members.
        case follows
        case holds
        case drained
        case returned
        case ejected
        case readmitted
        case checkFailed = "check_failed"
        case checkPassed = "check_passed"
        case ordered
        case orderEnded = "order_ended"
        case absent
        case rescaled
        case foreignChange = "foreign_change"
        case violation
        case alarm
        case alarmEnded = "alarm_ended"
        // Of servers.
        case agentSilent = "agent_silent"
        case agentBack = "agent_back"
        case duplicateIdentity = "duplicate_identity"
        case duplicateEnded = "duplicate_ended"
        // Of the master.
        case masterStarted = "master_started"
        case reloaded
        case reloadRefused = "reload_refused"
        case policyChanged = "policy_changed"
        case trouble
        case troubleEnded = "trouble_ended"
    }
}

/// The newest things that happened, each with its number and time.
package struct HappeningRing: Sendable {
    private var entries: [Entry] = []
    private var next: UInt64 = 1

    /// For an answer; about a quarter of a megabyte.
    package static let most = 1_000

    package struct Entry: Equatable, Sendable, Codable {
        /// Counts up from the master's start.
        package var number: UInt64
        package var unixMilliseconds: UInt64
        package var happening: Happening

        package init(number: UInt64, unixMilliseconds: UInt64, happening: Happening) {
            self.number = number
            self.unixMilliseconds = unixMilliseconds
            self.happening = happening
        }
    }

    package init() {}

    package mutating func append(_ happenings: [Happening], unixMilliseconds: UInt64) {
        for happening in happenings {
            entries.append(
                Entry(number: next, unixMilliseconds: unixMilliseconds, happening: happening))
            next += 1
        }
        // Not one at a time: each removal moves all that stay.
        if entries.count > 2 * Self.most { entries.removeFirst(entries.count - Self.most) }
    }

    /// Those with a greater number, the oldest first.
    package func after(_ number: UInt64) -> [Entry] {
        entries.suffix(Self.most).filter { $0.number > number }
    }
}
