// The agent's side of one master: numbers and seals its reports, and reads what comes back.

/// Why a session cannot be.
package enum SessionError: Error, Equatable, Sendable {
    case agentKeys(count: Int)
    case masterKeys(count: Int)
    case sameKey(PublicKey)
    case unacceptableKey(PublicKey)
}

/// An agent's conversation with one master (PROTOCOL.md §2, §4 to §6).
///
/// Holds no clock and no socket: times are nanoseconds of the caller's monotonic clock.
///
///     nothing proven ──ACK by a pair──▶ proven, by the newest pair that answered
///           ▲                                  │
///           └── 10 s without an ACK: new boot ─┤
///           └── of several pairs, ACK overdue ─┘
package struct Session: Sendable {
    /// The longest that an ACK may be missing, before everything begins anew under another boot id.
    static let mostSilence: Int64 = 10_000_000_000
    /// Cookies are renewed from this age on; they are good for 8 s at least.
    static let cookieAge: Int64 = 4_000_000_000
    /// With several pairs the master may forget the one in use, so it is asked more often.
    static let cookieAgeOfSeveral: Int64 = 1_000_000_000
    static let probeInterval: Int64 = 5_000_000_000
    /// For how long reports carry the answer to a probe: one of them may be lost or challenged.
    static let echoSpan: Int64 = 1_000_000_000
    /// How often challenges can make the agent send at once, and how often probes.
    static let promptRule = Limiter.Rule(perSecond: 10, burst: 10)

    /// One key of the agent and one of the master.
    struct Pair {
        let keys: SessionKeys
        var cookie: UInt32 = 0
        /// The cookie is no older than this tells.
        var cookieFrom: Int64 = 0
        var echoed: UInt32 = 0
        var isProven = false
        /// The newest probe by this pair.
        var probe: (instance: UInt32, sequence: UInt32)?
    }

    /// The newest first.
    var pairs: [Pair]
    package internal(set) var boot: UInt32
    /// The sequence of the newest datagram; 0 before the first.
    package internal(set) var sequence: UInt32 = 0
    var sent = SentWindow()

    /// The last acceptable ACK, or when this boot began; `nil` before the first report.
    var heardAt: Int64?
    /// Datagrams since then that an ACK was due for, and when the first of them was sent.
    var unanswered = 0
    var unansweredSince: Int64?
    private var probedAt: Int64?
    private var probedPair = 0

    var said = Said()
    /// The first datagram that says what the master has not confirmed to have heard.
    var unconfirmedFrom: UInt32?
    var goodbyeFrom: UInt32?
    /// Apart, so that probes do not take the answers to challenges.
    var challengePrompts = Limiter()
    var probePrompts = Limiter()
    var echo: (nonce: UInt32, receivedAt: Int64)?

    /// Whether the master confirmed a report that says goodbye.
    package internal(set) var isGoodbyeAcknowledged = false
    package internal(set) var acknowledgedAt: Int64?
    package internal(set) var roundTripNanoseconds: Int64?
    /// What the master asks for, within the allowed range.
    package internal(set) var directive: Directive?
    package internal(set) var directiveVersion: UInt8 = 0
    /// The newest that the master said of each service.
    package internal(set) var standings: [ServiceStanding] = []
    /// Of the last ACK.
    package internal(set) var notices: Notices = []
    /// Another number means that the master started again.
    package internal(set) var masterInstance: UInt32?

    /// - Parameters:
    ///   - agentKeys: this agent's own, the newest first: 1 or, while they rotate, up to 4.
    ///   - masterKeys: the master's, the newest first: 1 or, while they rotate, 2.
    ///   - boot: random for each start of the process, see ``randomBoot()``; 0 is taken as 1.
    /// - Throws: what of the keys cannot be used.
    package init(
        agentKeys: [SecretKey], masterKeys: [PublicKey], boot: UInt32
    ) throws(SessionError) {
        guard Roster.allowedAgentKeys.contains(agentKeys.count) else {
            throw .agentKeys(count: agentKeys.count)
        }
        guard Roster.allowedMasterKeys.contains(masterKeys.count) else {
            throw .masterKeys(count: masterKeys.count)
        }
        var pairs: [Pair] = []
        for agentKey in agentKeys {
            for masterKey in masterKeys {
                guard let keys = SessionKeys(agent: agentKey, master: masterKey) else {
                    throw .unacceptableKey(masterKey)
                }
                guard !pairs.contains(where: { $0.keys.locator == keys.locator }) else {
                    let isSameMaster = Set(masterKeys).count < masterKeys.count
                    throw .sameKey(isSameMaster ? masterKey : agentKey.publicKey)
                }
                pairs.append(Pair(keys: keys))
            }
        }
        self.pairs = pairs
        self.boot = max(boot, 1)
    }

    /// A boot id: random and never 0.
    package static func randomBoot() -> UInt32 { Cryptography.randomNonZero() }

    /// The locator of the pair in use: of the newest that the master answered, else the newest.
    package var locator: Locator { pairs[inUse ?? 0].keys.locator }

    var inUse: Int? { pairs.firstIndex { $0.isProven } }

    /// Makes the datagrams that tell this report to the master; they are to be sent now, in order.
    ///
    /// Mostly it is one. A report of more than ``Report/serviceLimit`` services goes in parts, and
    /// as long as the master has not answered by any pair of keys, each pair is tried.
    package mutating func seal(_ report: Report, at now: Int64) -> [[UInt8]] {
        var random = SystemRandomNumberGenerator()
        return seal(report, at: now, using: &random)
    }

    /// The same with chance that the caller chooses, for tests.
    package mutating func seal(
        _ report: Report, at now: Int64, using random: inout some RandomNumberGenerator
    ) -> [[UInt8]] {
        let parts = report.parts
        let room = UInt32(parts.count * pairs.count)
        if isStarved(at: now) || sequence > .max - room { renewBoot(at: now, using: &random) }
        if heardAt == nil { heardAt = now }
        if isPairDoubtful(at: now) { for index in pairs.indices { pairs[index].isProven = false } }

        note(report)
        var targets: [Int]
        if let inUse {
            targets = [inUse]
            if let newer = pairToProbe(at: now) { targets.append(newer) }
        } else {
            targets = Array(pairs.indices)
            probedAt = now
        }
        var datagrams: [[UInt8]] = []
        for pair in targets {
            for part in parts { datagrams.append(seal(part, by: pair, at: now)) }
        }
        return datagrams
    }

    /// Nothing proven answers any more, or the master follows another boot than this one.
    private func isStarved(at now: Int64) -> Bool {
        guard let heardAt else { return false }
        return now - heardAt >= Self.mostSilence && unanswered >= 2
    }

    /// The pair in use may be one that the master does not list any more.
    private func isPairDoubtful(at now: Int64) -> Bool {
        guard pairs.count > 1, unanswered >= 2, let unansweredSince else { return false }
        return now - unansweredSince >= Self.cookieAgeOfSeveral
    }

    private mutating func renewBoot(
        at now: Int64, using random: inout some RandomNumberGenerator
    ) {
        let old = boot
        while boot == old { boot = UInt32.random(in: 1...UInt32.max, using: &random) }
        sequence = 0
        sent = SentWindow()
        heardAt = now
        unanswered = 0
        unansweredSince = nil
        unconfirmedFrom = unconfirmedFrom.map { _ in 1 }
        goodbyeFrom = nil
        for index in pairs.indices {
            pairs[index].cookie = 0
            pairs[index].echoed = 0
            pairs[index].isProven = false
        }
    }

    /// The next of the pairs that are newer than the one in use, when it is time to try one.
    private mutating func pairToProbe(at now: Int64) -> Int? {
        guard let inUse, inUse > 0 else { return nil }
        if let probedAt, now - probedAt < Self.probeInterval { return nil }
        probedAt = now
        probedPair = (probedPair + 1) % inUse
        return probedPair
    }

    /// Remembers what has to be confirmed: another state than before, or a goodbye.
    private mutating func note(_ report: Report) {
        let next = sequence + 1
        let saying = Said(report)
        if saying != said { unconfirmedFrom = next }
        said = saying
        if report.flags.contains(.final) {
            goodbyeFrom = goodbyeFrom ?? next
        } else {
            goodbyeFrom = nil
            isGoodbyeAcknowledged = false
        }
    }

    private mutating func seal(_ report: Report, by pair: Int, at now: Int64) -> [UInt8] {
        sequence += 1
        sent.record(SentWindow.Entry(sequence: sequence, at: now, pair: pair))
        var report = report
        report.directiveVersion = directiveVersion
        if needsAcknowledgement(report, by: pair, at: now) {
            report.flags.insert(.acknowledgementRequested)
        }
        if let echo, now - echo.receivedAt <= Self.echoSpan {
            report.flags.insert(.probeReply)
            report.probeEcho = ProbeEcho(
                nonce: echo.nonce,
                holdMicroseconds: UInt64(max(now - echo.receivedAt, 0) / 1_000))
        }
        let cookie = pairs[pair].cookie
        // Without a cookie there is an answer in any case.
        if cookie == 0 || report.flags.contains(.acknowledgementRequested) {
            unanswered += 1
            unansweredSince = unansweredSince ?? now
        }
        let header = Header(
            type: .report, locator: pairs[pair].keys.locator, instance: boot, sequence: sequence,
            cookie: cookie)
        return Envelope.seal(header, body: report.encoded(), key: pairs[pair].keys.toMaster)
    }

    private func needsAcknowledgement(_ report: Report, by pair: Int, at now: Int64) -> Bool {
        guard pairs[pair].cookie != 0 else { return false }
        let most = pairs.count > 1 ? Self.cookieAgeOfSeveral : Self.cookieAge
        return report.flags.contains(.final) || unconfirmedFrom != nil
            || now - pairs[pair].cookieFrom >= most
    }
}

/// What a change of is to be confirmed: the states of the server and of its services.
struct Said: Equatable, Sendable {
    private struct Service: Equatable {
        let id: ServiceID
        let state: HostState
    }

    private let state: HostState
    private let services: [Service]

    /// Nothing yet; the first report is answered in any case.
    init() {
        state = .unknown
        services = []
    }

    init(_ report: Report) {
        state = report.state
        services = report.services.map { Service(id: $0.id, state: $0.state) }
    }
}
