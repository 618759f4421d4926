// What one member's agent asked for: whether it is to be drained; and whose the weight 0 is, and why.

package import Protocol

/// Why an agent wants no new connections for its server, or for one service of it.
package struct DrainCause: Hashable, Sendable, Codable {
    package let state: HostState
    package let reason: StateReason

    package init(state: HostState, reason: StateReason) {
        self.state = state
        self.reason = reason
    }

    /// As in `draining (maintenance file)`.
    package var text: String {
        reason == .none ? state.name : "\(state.name) (\(reason.name))"
    }
}

/// One member's drain, as it outlives reports, silence and reloads.
struct DrainMemory: Equatable, Sendable, Codable {
    /// What the agent asked for last; nothing before it asked, and after it says that it serves.
    private(set) var cause: DrainCause?
    private(set) var askedAt = Instant(nanoseconds: 0)
    /// Asked for one service, which then has to say itself that it serves.
    private var isOfService = false
    /// Whether the agent said anything since this master started that tells who set a 0.
    private var hasSpoken = false

    private(set) var zero = Zero.unseen
    /// What our 0 is for, or was last.
    private(set) var purpose = Purpose.drain
    /// Whether its check fails, or passes for too short a time.
    private(set) var isFailing = false
    /// Somebody else raised our 0 while its check fails: theirs stands until it passes.
    private(set) var isFailureOverruled = false
    /// Whether our 0 is for its errors.
    private(set) var isEjected = false
    /// For how long it has been.
    private(set) var ejectedSeconds = 0.0
    /// Somebody else raised that 0: it is not taken out again before its errors are forgotten.
    private(set) var isPardoned = false
    /// Whether the kernel was seen to hold our 0: only then can somebody else have raised it.
    private var isConfirmed = false
    /// Somebody else raised our 0 while the agent still asks for it: theirs stands until it asks
    /// anew.
    private(set) var isOverruled = false
    private(set) var before: Before?
    /// The weight that is to end our 0, until the kernel was looked at again.
    private var given: Int?
    /// Whether the kernel did not show the member at the look before.
    private var wasAbsent = false
    /// Whether the kernel holds just that: the member is back, and nobody else had a hand in it.
    private(set) var isBack = false

    /// Who set the weight to 0.
    enum Zero: UInt8, Sendable, Codable {
        /// The kernel was not looked at yet.
        case unseen
        /// It is not 0.
        case none
        /// It was 0 when this master saw the member first; the agent's first word tells.
        case found
        case foreign
        case ours
        /// Whatever 0 is found there, a person's order made it, and so we did.
        case claimed
    }

    /// Why we keep a member at 0.
    enum Purpose: UInt8, Sendable, Codable {
        case drain
        case errors
        case check
        case order
    }

    /// What the member had when its drain was decided.
    struct Before: Equatable, Sendable, Codable {
        let weight: Int
        /// 1 the mean.
        let share: Double
        let scheduler: Scheduler
    }

    /// A state with its reason, of the server or of one service.
    struct Said: Equatable, Sendable, Codable {
        let state: HostState
        let reason: StateReason

        /// The agent ends or begins, and its server goes on as it is (PROTOCOL.md §4).
        var isRestart: Bool { isGone && reason == .agentRestart }

        var asksForDrain: Bool { isGone && reason != .agentRestart }

        private var isGone: Bool {
            switch state {
            case .draining, .down, .leaving: true
            case .unknown, .up, .degraded, .warming: false
            }
        }
    }

    /// Takes what the newest report says of the server and, if it does, of the service.
    mutating func hear(host: Said, service: Said?, at now: Instant) {
        let service = service.flatMap { $0.isRestart ? nil : $0 }
        let hostAsks = host.asksForDrain
        if let service, service.asksForDrain,
            !hostAsks || HostState.worse(host.state, service.state) != host.state
        {
            ask(DrainCause(state: service.state, reason: service.reason), ofService: true, at: now)
        } else if hostAsks {
            ask(DrainCause(state: host.state, reason: host.reason), ofService: false, at: now)
        } else if !host.isRestart,
            Self.serves(
                host: host.state, service: service?.state,
                isServiceAsked: isOfService && cause != nil)
        {
            hasSpoken = true
            // Mostly so already: to write it all the same makes the next who reads it wait.
            if cause != nil || isOverruled { (cause, isOverruled) = (nil, false) }
        }
    }

    private static func serves(
        host: HostState, service: HostState?, isServiceAsked: Bool
    ) -> Bool {
        // Unknown says nothing, so it takes nothing back.
        if isServiceAsked, service == .unknown { return false }
        return HostState.worse(host, service ?? .unknown) != .unknown
    }

    private mutating func ask(_ cause: DrainCause, ofService: Bool, at now: Instant) {
        if self.cause == nil { askedAt = now }
        hasSpoken = true
        (self.cause, isOfService) = (cause, ofService)
    }

    /// Takes the weight that the kernel holds, where it holds the destination; true when somebody
    /// else raised our 0 since.
    ///
    /// `awaitsCheck` while its check found nothing yet: it may tell of a 0 that it was for it.
    mutating func look(kernel: Int?, awaitsCheck: Bool = false) -> Bool {
        isBack = given != nil && given == kernel
        given = nil
        // Also when the answer to that write was lost.
        if isBack { end() }
        guard let kernel else {
            lookedInVain()
            return false
        }
        defer { wasAbsent = false }
        guard kernel == 0 else {
            // What was removed and added again is another destination, which nobody raised.
            let isRaised = zero == .ours && isConfirmed && !wasAbsent
            // What is ordered is written again, whoever raised it.
            if isRaised, purpose != .order {
                isOverruled = cause != nil
                isPardoned = isEjected
                isFailureOverruled = isFailing
            }
            (zero, isEjected) = (.none, false)
            return isRaised
        }
        switch zero {
        case .unseen: zero = .found
        case .none: zero = .foreign
        case .claimed: (zero, purpose) = (.ours, .order)
        case .found, .foreign, .ours: break
        }
        if zero == .found, isFailing {
            (zero, purpose) = (.ours, .check)
        } else if zero == .found, hasSpoken, cause != nil || !awaitsCheck {
            (zero, purpose) = (cause == nil ? .foreign : .ours, .drain)
        }
        isConfirmed = true
        return false
    }

    /// The kernel did not show the member.
    ///
    /// Its list may leave one out while another is removed: once is no absence. Whoever comes back
    /// with 0 later is judged as after a restart, by the agent's word.
    private mutating func lookedInVain() {
        guard wasAbsent else {
            wasAbsent = true
            return
        }
        (isOverruled, isFailureOverruled, isEjected) = (false, false, false)
        switch zero {
        case .ours, .found: zero = .found
        case .claimed: break
        case .unseen, .none, .foreign: zero = .none
        }
    }

    /// A drain is decided on a member that has a weight.
    mutating func keep(_ before: Before) { self.before = before }

    /// It is to get this weight, which ends our 0.
    mutating func give(_ weight: Int) { given = weight }

    /// The table took a weight that was written for a drain's sake, or for errors.
    mutating func applied(_ weight: Int, for cause: Plan.Cause) {
        end()
        guard weight == 0 else { return }
        (zero, isEjected) = (.ours, cause == .errors)
        switch cause {
        case .errors: purpose = .errors
        case .check: purpose = .check
        case .order: purpose = .order
        case .drain, .load, .endOfDrain, .endOfErrors, .endOfCheck, .endOfOrder, .leaving, .drift:
            purpose = .drain
        }
    }

    private mutating func end() {
        (zero, isConfirmed, isOverruled, isFailureOverruled) = (.none, false, false, false)
        (isEjected, ejectedSeconds) = (false, 0)
    }

    /// Our 0 stays, and for this now.
    mutating func serve(_ purpose: Purpose) {
        if zero == .ours { self.purpose = purpose }
    }

    /// A person's order is about it, or was while no master ran: a 0 that is found is ours.
    ///
    /// One that was seen before the order came is not.
    mutating func claim() {
        if zero == .unseen || zero == .found && wasAbsent { zero = .claimed }
    }

    /// Its check fails, or does not any more.
    mutating func fail(_ isFailing: Bool) {
        self.isFailing = isFailing
        if !isFailing { isFailureOverruled = false }
    }

    /// Whether a decision has to look at it: mostly not.
    var isOfNote: Bool { cause != nil || zero == .ours || isFailing }

    /// Whether nothing serves there, as its agent says.
    var isDown: Bool { cause?.state == .down }

    /// Time passed in which it was out for its errors.
    mutating func stayOut(seconds: Double) { ejectedSeconds += seconds }

    /// Its errors are forgotten.
    mutating func forgive() { isPardoned = false }
}
