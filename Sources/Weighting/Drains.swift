// Which members of one service are drained at one tick: what agents ask for, within the limits.

internal import Protocol

/// What becomes of one member by orders, checks, and what its agent asks for.
enum DrainOutcome: Equatable {
    /// Nobody asks for anything, and no 0 is ours.
    case none
    /// The agent asks for it: its weight is, or goes to, 0.
    case drains(DrainCause)
    /// It keeps its weight, since no more members may drain.
    case stays(DrainCause)
    /// Somebody else raised our 0, and that stands.
    case overruled(DrainCause)
    /// Our 0 is for its errors, which is not for an agent to end.
    case out
    /// Our 0 ends: the agent says that it serves or, with a cause, nobody else would.
    case returns(DrainCause?)

    // Of orders, with the place in the service's memory of them.
    /// Its weight is, or goes to, 0.
    case orderedOut(Int)
    /// Its weight is, or becomes, what was ordered.
    case orderedWeight(Int)
    /// It keeps its weight, since no other would have one.
    case lastForOrder(Int)
    /// Somebody else changed it again and again: it is not written again yet.
    case contested(Int)
    /// Our 0 ends, since no order is left.
    case released
    /// An ordered weight ends: load follows, or it gets back what it had.
    case freed

    // Of checks.
    /// Its check fails: its weight is, or goes to, 0.
    case fails
    /// Its check fails, and it keeps its weight.
    case endures(Endurance)
    /// Our 0 ends, since the check passes.
    case passes
    /// Our 0 ends, since without those that fail too few would serve.
    case neededAgain

    /// Why a member keeps its weight although its check fails.
    enum Endurance: Equatable {
        case panic
        /// Too many fail at once to believe it.
        case tooManyAtOnce
        /// No more may be out, and never the last.
        case noRoom
        case overruled
        case masterLate
    }

    /// Whether a 0 of ours ends for it.
    fileprivate var isReturn: Bool {
        switch self {
        case .returns(nil), .released, .passes, .neededAgain: true
        default: false
        }
    }
}

/// The limits on drains that agents ask for.
enum Drains {
    /// At most this part of a service's members is drained by agents, rounded down: of one, none.
    static let mostShare = 0.5

    /// Decides on every member of which neither orders nor checks decided.
    ///
    /// `kernel` has their weights, and `live` is how many destinations of the service, also ones
    /// that nobody declared, have a weight above 0 and keep it.
    static func decide(
        _ outcomes: inout [DrainOutcome], _ members: [MemberMemory], kernel: [Int?], live: Int,
        _ safeguards: Safeguards = .all
    ) {
        var (asking, drained): ([Int], [Int]) = ([], [])
        var out = 0
        for place in members.indices {
            if outcomes[place] == .fails { out += 1 }
            guard outcomes[place] == .none || outcomes[place] == .freed else { continue }
            let member = members[place].drain
            switch (kernel[place], member.cause) {
            case (0, let cause) where member.zero == .ours || !safeguards.hold(.foreignZeros):
                outcomes[place] = cause.map(DrainOutcome.drains) ?? member.afterZero
                if cause != nil { drained.append(place) }
                if outcomes[place] == .out { out += 1 }
            case (let weight?, let cause?) where weight > 0:
                outcomes[place] = member.isOverruled ? .overruled(cause) : .stays(cause)
                if !member.isOverruled { asking.append(place) }
            case (_, _):
                break
            }
        }

        // Whoever is down goes before those that still serve, then whoever asked first; who is
        // drained already stays so.
        asking.sort {
            let (one, other) = (members[$0].drain, members[$1].drain)
            guard one.isDown == other.isDown else { return one.isDown }
            return (one.askedAt, $0) < (other.askedAt, $1)
        }
        let present = kernel.count { $0 != nil }
        let most = Int(Double(present) * mostShare)
        for (going, place) in asking.enumerated() {
            // Who is down serves nobody, whoever else is out.
            let beside = members[place].drain.isDown ? 0 : out
            guard !safeguards.hold(.halfDrains) || drained.count + going + beside < most,
                !safeguards.hold(.lastOneNeverDrains) || going + 1 < live
            else { break }
            if case .stays(let cause) = outcomes[place] { outcomes[place] = .drains(cause) }
        }

        guard !outcomes.contains(where: \.isReturn) else { return }
        // Others went since, by somebody else's hand or because they are down now: the last one
        // that asked comes back, if it serves or nobody has a weight.
        let down = members.indices.count { place in
            guard kernel[place] ?? 0 > 0 else { return false }
            return switch outcomes[place] {
            case .orderedOut, .fails: false
            default: members[place].drain.isDown || members[place].drain.isFailing
            }
        }
        if down == live,
            let last = drained.max(by: {
                isFitter(members[$1].drain, $1, than: members[$0].drain, $0)
            }), live == 0 || !members[last].drain.isDown
        {
            outcomes[last] = .returns(members[last].drain.cause)
        }
    }

    /// A server that drains still serves; one that is down does not.
    private static func isFitter(
        _ one: DrainMemory, _ place: Int, than other: DrainMemory, _ otherPlace: Int
    ) -> Bool {
        guard one.isDown == other.isDown else { return other.isDown }
        return (one.askedAt, place) > (other.askedAt, otherPlace)
    }
}

extension DrainMemory {
    /// What becomes of our 0 when nobody asks for it any more.
    fileprivate var afterZero: DrainOutcome {
        guard !isEjected else { return .out }
        return switch purpose {
        case .order: .released
        case .check: .passes
        case .drain, .errors: .returns(nil)
        }
    }
}

extension DrainOutcome {
    /// What the member holds for as far as load is concerned, if its drain says so.
    var hold: Hold? {
        switch self {
        case .drains(let cause): .agentSays(cause.state.name)
        case .stays(let cause): .lastOnes(cause)
        case .overruled(let cause): .overruled(cause)
        case .endures(.masterLate): .masterLate
        case .none, .out, .returns, .released, .freed, .fails, .passes, .neededAgain,
            .orderedOut, .orderedWeight, .lastForOrder, .contested, .endures:
            nil
        }
    }
}

extension DrainOutcome {
    /// Whether a person's order says what weight it has.
    var isOrdered: Bool {
        switch self {
        case .orderedOut, .orderedWeight, .contested: true
        default: false
        }
    }
}

extension Hold {
    /// Whether its agent, a check or a person wants less for the member than it has, or just that.
    var isForLess: Bool {
        switch self {
        case .agentSays, .lastOnes, .overruled, .ordered, .lastForOrder, .orderContested, .panic,
            .manyFailAtOnce, .noRoomToFail, .failureOverruled:
            true
        default: false
        }
    }
}
