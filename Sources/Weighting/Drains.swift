// Which members of one service are drained at one tick: what agents ask for, within the limits.

internal import Protocol

/// What becomes of one member's drain.
enum DrainOutcome: Equatable {
    /// No drain is asked for, and no 0 is ours.
    case none
    /// Its weight is, or goes to, 0.
    case drains(DrainCause)
    /// It keeps its weight, since no more members may drain.
    case stays(DrainCause)
    /// Somebody else raised our 0, and that stands.
    case overruled(DrainCause)
    /// Our 0 is for its errors, which is not for an agent to end.
    case out
    /// Our 0 ends: the agent says that it serves or, with a cause, nobody else would.
    case returns(DrainCause?)
}

/// The limits on drains that agents ask for.
enum Drains {
    /// At most this part of a service's members is drained by agents, rounded down: of one, none.
    static let mostShare = 0.5

    /// One outcome for each member.
    ///
    /// `kernel` has their weights, and `live` is how many destinations of the service, also ones
    /// that nobody declared, have a weight above 0.
    static func outcomes(
        _ members: [MemberMemory], kernel: [Int?], live: Int, _ safeguards: Safeguards = .all
    ) -> [DrainOutcome] {
        var outcomes = [DrainOutcome](repeating: .none, count: members.count)
        // As mostly: nobody asks, and no 0 is ours.
        let isAsked = members.indices.contains {
            members[$0].drain.cause != nil || members[$0].drain.zero == .ours
        }
        guard isAsked || !safeguards.hold(.foreignZeros) else { return outcomes }
        var (asking, drained): ([Int], [Int]) = ([], [])
        var out = 0
        for place in members.indices {
            let member = members[place].drain
            switch (kernel[place], member.cause) {
            case (0, let cause) where member.zero == .ours || !safeguards.hold(.foreignZeros):
                outcomes[place] =
                    cause.map(DrainOutcome.drains) ?? (member.isEjected ? .out : .returns(nil))
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

        guard !outcomes.contains(.returns(nil)) else { return outcomes }
        // Others went since, by somebody else's hand or because they are down now: the last one
        // that asked comes back, if it serves or nobody has a weight.
        let down = members.indices.count { (kernel[$0] ?? 0) > 0 && members[$0].drain.isDown }
        if down == live,
            let last = drained.max(by: {
                isFitter(members[$1].drain, $1, than: members[$0].drain, $0)
            }), live == 0 || !members[last].drain.isDown
        {
            outcomes[last] = .returns(members[last].drain.cause)
        }
        return outcomes
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
    /// Whether nothing serves there, as its agent says.
    fileprivate var isDown: Bool { cause?.state == .down }
}

extension DrainOutcome {
    /// What the member holds for as far as load is concerned, if its drain says so.
    var hold: Hold? {
        switch self {
        case .drains(let cause): .agentSays(cause.state.name)
        case .stays(let cause): .lastOnes(cause)
        case .overruled(let cause): .overruled(cause)
        case .none, .out, .returns: nil
        }
    }
}

extension Hold {
    /// Whether the agent asks for less than the member has.
    var isAgentsWish: Bool {
        switch self {
        case .agentSays, .lastOnes, .overruled: true
        default: false
        }
    }
}
