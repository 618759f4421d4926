// The part of a decision that the director's checks make: who goes to 0, and when nobody does.
//
// One server that fails is taken out at once. Where many fail together the checks, their path or
// something that all servers need is more likely at fault than each server by itself.

extension Deliberation {
    /// Decides on members whose checks fail, and of which nothing is ordered; how many members with a
    /// weight are taken out now.
    mutating func judgeChecks(
        _ found: inout Availability, _ kernel: [Int?], _ live: Int
    ) -> Int {
        var failing: [Int] = []
        for place in memory.members.indices where memory.members[place].drain.isFailing {
            if memory.members[place].check.isWell(at: moment) {
                memory.members[place].drain.fail(false)
            } else if isOpen(found.outcomes[place]), kernel[place] != nil {
                failing.append(place)
            }
        }
        guard !failing.isEmpty else {
            memory.isPanic = false
            return 0
        }
        learnPanic(failing, found.outcomes, kernel)
        guard !memory.isPanic else {
            found.alarm = .panic
            bringBack(&found, kernel)
            return 0
        }
        for place in failing where kernel[place] == 0 && isOurs(place) {
            found.outcomes[place] = .fails
        }
        return takeOut(&found, failing, kernel, live)
    }

    private func isOpen(_ outcome: DrainOutcome) -> Bool { outcome == .none || outcome == .freed }

    private func isOurs(_ place: Int) -> Bool { memory.members[place].drain.zero == .ours }

    /// Whether the sorry server answers in place of those that fail: then there is no need to keep
    /// traffic on them.
    var isRelieved: Bool {
        guard memory.isBelowQuorum, let sorry = declared.sorry else { return false }
        return table.destinations.contains { $0.key == sorry && $0.weight > 0 }
    }

    /// Below half of the capacity that nobody else took out, checks are not believed; from 60 % on
    /// they are again.
    ///
    /// One server that fails by itself is always believed.
    private mutating func learnPanic(
        _ failing: [Int], _ outcomes: [DrainOutcome], _ kernel: [Int?]
    ) {
        let counted = memory.members.indices.filter {
            isOpen(outcomes[$0]) && (kernel[$0] ?? 0 > 0 || kernel[$0] == 0 && isOurs($0))
        }
        let up = counted.filter {
            !memory.members[$0].drain.isFailing && !memory.members[$0].drain.isDown
        }
        let least = memory.isPanic ? Self.panicUntil : Self.panicBelow
        let isLow =
            up.exactSum { declared.members[$0].nominalCapacity }
            < least * counted.exactSum { declared.members[$0].nominalCapacity }
        memory.isPanic =
            isLow && counted.count - up.count > 1 && !isRelieved
            && fleet.safeguards.hold(.checkPanic)
    }

    private static let panicBelow = 0.5
    private static let panicUntil = 0.6

    /// In a panic neither checks nor agents that say down keep anybody out.
    ///
    /// Who asks for a drain and serves still goes on draining.
    private mutating func bringBack(_ found: inout Availability, _ kernel: [Int?]) {
        for place in memory.members.indices where isOpen(found.outcomes[place]) {
            let drain = memory.members[place].drain
            guard drain.isFailing || drain.isDown, drain.cause == nil || drain.isDown,
                let weight = kernel[place]
            else { continue }
            if weight > 0 {
                found.outcomes[place] =
                    drain.isFailing
                    ? .endures(.panic) : drain.cause.map(DrainOutcome.stays) ?? .none
            } else if drain.zero == .ours {
                found.outcomes[place] = .neededAgain
            }
        }
    }

    /// Takes out those that have a weight, as many as may be; who fails longest goes first.
    private mutating func takeOut(
        _ found: inout Availability, _ failing: [Int], _ kernel: [Int?], _ live: Int
    ) -> Int {
        memory.forgetRemovals(at: moment)
        let present = kernel.count { $0 != nil }
        let fresh = failing.count {
            memory.members[$0].check.failsSince(seconds: Ejections.Limits.windowSeconds, at: moment)
        }
        let isDoubtful =
            fresh > 1 && Double(fresh) > Self.mostAtOnce * Double(present)
            && fleet.safeguards.hold(.checkDoubt)
        let candidates = failing.filter { kernel[$0] ?? 0 > 0 }.sorted {
            failedAt($0) < failedAt($1)
        }
        var (room, byRate) = (room(found.outcomes, kernel, present, live), Int.max)
        if !isRelieved, fleet.safeguards.hold(.checkRate) {
            byRate = max(1, present / Ejections.Limits.mostInWindow) - memory.removals.count
        }
        var going = 0
        for place in candidates {
            let drain = memory.members[place].drain
            // Who fails again, and comes back meanwhile, is counted once.
            let wentLately = memory.removals.contains { $0.place == place }
            let endurance: DrainOutcome.Endurance
            if drain.isFailureOverruled {
                endurance = .overruled
            } else if isLate, fleet.safeguards.hold(.lateMasterHolds) {
                endurance = .masterLate
            } else if isDoubtful, !isRelieved {
                endurance = .tooManyAtOnce
                found.alarm = .manyFailAtOnce
            } else if room <= 0 || byRate <= 0 && !wentLately {
                endurance = .noRoom
                found.alarm = .tooManyFail
            } else {
                found.outcomes[place] = .fails
                (room, going) = (room - 1, going + 1)
                if !wentLately { byRate -= 1 }
                continue
            }
            // What its agent asks for has limits of its own.
            if drain.cause == nil || drain.isOverruled {
                found.outcomes[place] = .endures(endurance)
            }
        }
        return going
    }

    /// More than this part of a service failing within one window is doubted.
    private static let mostAtOnce = 0.2

    /// How many more checks may take out, however long ago others went.
    ///
    /// What people and agents drain that serves is not counted: it is out by intent.
    private func room(
        _ outcomes: [DrainOutcome], _ kernel: [Int?], _ present: Int, _ live: Int
    ) -> Int {
        let rest = fleet.safeguards.hold(.lastOneForChecks) ? live - 1 : .max
        guard !isRelieved, fleet.safeguards.hold(.checkShare) else { return rest }
        let out = memory.members.indices.count {
            kernel[$0] == 0 && isKeptOut($0, outcomes[$0])
        }
        return min(rest, max(1, present / Ejections.Limits.mostAtOnce) - out)
    }

    /// Whether automation keeps it at 0, and not what a person or its own agent wants.
    ///
    /// What its 0 is for may change at this very tick.
    private func isKeptOut(_ place: Int, _ outcome: DrainOutcome) -> Bool {
        let drain = memory.members[place].drain
        guard drain.zero == .ours else { return false }
        switch outcome {
        case .orderedOut: return false
        case .fails: return true
        default: return drain.cause == nil ? drain.isKeptOut : drain.isDown
        }
    }
}

extension DrainMemory {
    /// Whether its 0 is ours, and neither a person's nor what its agent wants that serves still.
    var isKeptOut: Bool {
        guard zero == .ours else { return false }
        return switch purpose {
        case .order: false
        case .drain: isDown
        case .check, .errors: true
        }
    }
}
