// The part of a decision after all weights: whether enough of the service is up.

extension Deliberation {
    /// Whether too few are up, with hysteresis; by the weights that were decided.
    ///
    /// Before it is known of a server whether its check passes it does not end what too few began.
    mutating func learnQuorum(_ verdicts: [Verdict]) {
        guard declared.sorry != nil || declared.quorum != nil else {
            memory.isBelowQuorum = false
            return
        }
        let quorum = declared.quorum ?? Quorum(least: .members(1))
        let up = verdicts.indices.filter { place in
            let drain = memory.members[place].drain
            let isProven =
                !memory.isBelowQuorum || !declared.hasChecks
                || memory.members[place].check != .unknown
            return isProven && verdicts[place].kernel != nil
                && verdicts[place].weight?.rawValue ?? 0 > 0
                && !drain.isFailing && !drain.isDown
        }
        let count = Double(max(declared.members.count, 1))
        func part(_ size: Quorum.Size) -> Double {
            switch size {
            case .members(let members): Double(members) / count
            case .share(let share): share
            }
        }
        let least = part(quorum.least)
        let isUp: Double =
            switch quorum.least {
            case .members: Double(up.count) / count
            case .share: partOfCapacity(up)
            }
        memory.isBelowQuorum =
            memory.isBelowQuorum
            ? isUp < min(least + part(quorum.hysteresis), 1) - Self.slack
            : isUp < least - Self.slack
    }

    /// Numbers of members become quotients, and a third of three is to be one.
    private static let slack = 1e-9

    private func partOfCapacity(_ places: [Int]) -> Double {
        let all = declared.members.exactSum(\.nominalCapacity)
        return places.exactSum { declared.members[$0].nominalCapacity }
            / max(all, .leastNormalMagnitude)
    }
}
