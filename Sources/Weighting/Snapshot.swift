// What people and programs read: one immutable value for each tick. Its JSON is the API's.

/// The master's view of everything, as of one tick.
package struct Snapshot: Equatable, Sendable, Codable {
    /// Raised when a field changes its meaning or goes; new fields do not raise it.
    package static let currentFormat = 1

    package var format = Self.currentFormat
    package var master: Master
    package var services: [Service]
    package var agents: [Agent]
    /// Datagrams that were not taken as they came, since the start, by the reason's name; reasons that never happened are
    /// not listed.
    package var refusals: [String: UInt64]

    package init(
        master: Master, services: [Service], agents: [Agent], refusals: [String: UInt64]
    ) {
        self.master = master
        self.services = services
        self.agents = agents
        self.refusals = refusals
    }

    package struct Master: Equatable, Sendable, Codable {
        package var version: String
        package var uptimeSeconds: Double
        package var decisions: UInt64
        /// Weights written to the table since the start.
        package var writes: UInt64
        package var dryRun: Bool
        /// "kernel", or "memory" for a table inside this process.
        package var table: String
        /// What keeps reports from arriving or the table from being read, as of the newest tick.
        package var trouble: String?
        /// Why the old configuration is still in force, if the newest reload was refused.
        package var reloadRefused: String?
        /// Datagrams since the start that the kernel had no room for.
        package var droppedByKernel: UInt64?
        /// Nothing where nothing is to be recorded.
        package var journal: Journal?

        package init(
            version: String, uptimeSeconds: Double, decisions: UInt64, writes: UInt64,
            dryRun: Bool, table: String, trouble: String?, reloadRefused: String? = nil,
            droppedByKernel: UInt64? = nil
        ) {
            self.version = version
            self.uptimeSeconds = uptimeSeconds
            self.decisions = decisions
            self.writes = writes
            self.dryRun = dryRun
            self.table = table
            self.trouble = trouble
            self.reloadRefused = reloadRefused
            self.droppedByKernel = droppedByKernel
        }
    }

    /// What is recorded for replays.
    package struct Journal: Equatable, Sendable, Codable {
        package var isRecording: Bool
        /// Reports and ticks since the start that were left out, as while the disk failed.
        package var lostRecords: UInt64

        package init(isRecording: Bool, lostRecords: UInt64) {
            self.isRecording = isRecording
            self.lostRecords = lostRecords
        }

        private enum CodingKeys: String, CodingKey {
            case isRecording = "recording"
            case lostRecords
        }
    }

    package struct Service: Equatable, Sendable, Codable {
        package var name: String
        /// As ipvsadm names it: `10.0.0.80:80/tcp`, `fwmark:7`.
        package var key: String
        package var scheduler: String?
        /// Why no weight of the service follows load, if so.
        package var hold: Reason?
        /// What a person should look at, although weights go on.
        package var alarm: Reason?
        package var members: [Member]
        /// Which policy the service has, where it names one or has windows.
        package var policy: PolicyInForce?
        /// The policy beside the live one, if there is one: what it would do stands with the members.
        package var shadow: String?

        package init(
            name: String, key: String, scheduler: String?, hold: Reason?, members: [Member]
        ) {
            self.name = name
            self.key = key
            self.scheduler = scheduler
            self.hold = hold
            self.members = members
        }
    }

    package struct Member: Equatable, Sendable, Codable {
        package var server: String
        package var destination: String
        /// What the kernel holds after this tick's writes; nothing when it holds no such
        /// destination.
        package var weight: Int?
        /// What it should hold.
        package var wanted: Int?
        package var activeConnections: Int?
        package var inactiveConnections: Int?
        package var reportAgeSeconds: Double?
        /// As the agent says.
        package var state: String?
        package var reason: Reason
        package var chain: Chain?
        /// Why a write of this tick failed, if one did.
        package var failure: String?
        /// What another policy would do, which is never written.
        package var shadow: Shadow?
        /// Connections that come back to it by persistence.
        package var persistentConnections: Int?
        /// What people ordered about it, as far as it is in force.
        package var orders: [Order]?
        /// What the master's own checks found; nothing where there are none.
        package var checks: [Check]?
        /// Nothing where the table does not count, as the one in memory.
        package var traffic: Traffic?

        package init(
            server: String, destination: String, weight: Int?, wanted: Int?,
            activeConnections: Int?, inactiveConnections: Int?, reportAgeSeconds: Double?,
            state: String?, reason: Reason, chain: Chain?, failure: String?
        ) {
            self.server = server
            self.destination = destination
            self.weight = weight
            self.wanted = wanted
            self.activeConnections = activeConnections
            self.inactiveConnections = inactiveConnections
            self.reportAgeSeconds = reportAgeSeconds
            self.state = state
            self.reason = reason
            self.chain = chain
            self.failure = failure
        }
    }

    /// The policy of a service now, and how long it stays that.
    package struct PolicyInForce: Equatable, Sendable, Codable {
        /// Nothing is the common policy.
        package var name: String?
        /// The window that puts it in force, as in `mon-fri 08:00-18:00`.
        package var window: String?
        package var hasWindows: Bool
        /// When a window begins or ends; nothing where none will.
        package var untilUnixMilliseconds: UInt64?
        /// The same by the clocks of the windows, as in `mon 2026-11-23 18:00 +01:00`.
        package var until: String?

        package init(
            name: String?, window: String?, hasWindows: Bool, untilUnixMilliseconds: UInt64?,
            until: String?
        ) {
            self.name = name
            self.window = window
            self.hasWindows = hasWindows
            self.untilUnixMilliseconds = untilUnixMilliseconds
            self.until = until
        }

        /// As a sentence without its end.
        package var text: String {
            let policy = name.map { "the policy \($0) is" } ?? "the common policy is"
            guard hasWindows else { return "\(policy) in force" }
            let place = window.map { "in the window \($0)" } ?? "outside of all windows"
            return "\(policy) in force, \(place)" + (until.map { ", until \($0)" } ?? "")
        }
    }

    /// Of a member under the policy that is its service's shadow.
    package struct Shadow: Equatable, Sendable, Codable {
        /// What a table would hold that follows this policy.
        package var weight: Int?
        package var reason: Reason
        package var chain: Chain?

        package init(weight: Int?, reason: Reason, chain: Chain?) {
            self.weight = weight
            self.reason = reason
            self.chain = chain
        }
    }

    package struct Agent: Equatable, Sendable, Codable {
        package var name: String
        package var accepted: UInt64
        /// Datagrams of this agent that were dropped, by the reason's name.
        package var refusals: [String: UInt64]
        package var reportAgeSeconds: Double?
        /// What its newest report promised for the next one.
        package var intervalMilliseconds: UInt16?
        /// As it says of its server.
        package var state: String?
        /// Its release, once it told.
        package var version: String?
        /// True while two processes report with its key.
        package var isDuplicate: Bool?
        /// The public key that its newest report was made with, while it is listed.
        package var keyInUse: String?
        /// True when no service of the configuration has a server of its name.
        package var lacksServer: Bool?
        /// How often it was asked for a report that was missed; nothing before the first time.
        package var probesSent: UInt64?
        package var probesAnswered: UInt64?
        /// To the agent and back, of the newest answer.
        package var roundTripMilliseconds: Double?

        package init(
            name: String, accepted: UInt64, refusals: [String: UInt64], reportAgeSeconds: Double?,
            intervalMilliseconds: UInt16? = nil, state: String? = nil, version: String? = nil,
            isDuplicate: Bool? = nil, keyInUse: String? = nil, lacksServer: Bool? = nil
        ) {
            self.name = name
            self.accepted = accepted
            self.refusals = refusals
            self.reportAgeSeconds = reportAgeSeconds
            self.intervalMilliseconds = intervalMilliseconds
            self.state = state
            self.version = version
            self.isDuplicate = isDuplicate
            self.keyInUse = keyInUse
            self.lacksServer = lacksServer
        }
    }

    package struct Reason: Equatable, Sendable, Codable {
        /// Of a closed list.
        package var code: String
        package var text: String

        package init(code: String, text: String) {
            self.code = code
            self.text = text
        }
    }
}
