// The part of a decision that follows load: what goes into the law, and what comes of it.

extension Deliberation {
    /// Asks the law, and remembers what it said.
    ///
    /// Parallel to the declared members, or empty where the law is not asked.
    mutating func follow(_ takingPart: [Int], of present: [Int]) -> [Chain?] {
        guard !takingPart.isEmpty, let meanWeight = memory.meanWeight else { return [] }
        let unit = memory.unit
        guard let median = medianCapacity(takingPart) else { return [] }

        var inputs: [Law.Input] = []
        var places: [Int] = []
        for place in takingPart {
            memory.members[place].advance(
                unit, bySeconds: elapsedSeconds,
                fallback: median * declared.members[place].nominalCapacity)
            guard let rates = memory.members[place].slow(unit),
                let prior = memory.members[place].prior(unit),
                let share = memory.members[place].share.current
            else { continue }
            inputs.append(Law.Input(rates: rates, prior: prior, previousShare: share))
            places.append(place)
        }
        let chains = Law(
            policy: policy, meanWeight: meanWeight, elapsedSeconds: elapsedSeconds
        ).chains(inputs, shareToGive: shareToGive(to: places, of: present.count))
        var placed = [Chain?](repeating: nil, count: declared.members.count)
        for (place, chain) in zip(places, chains) {
            memory.members[place].share.decide(chain.limitedShare)
            placed[place] = chain
        }
        return placed
    }

    /// What the middle one of them carries for each unit of its nominal capacity; who never said
    /// anything of its own is believed to carry as much.
    private func medianCapacity(_ takingPart: [Int]) -> Double? {
        let unit = memory.unit
        let capacities = takingPart.compactMap { place in
            (memory.members[place].observedCapacity(unit) ?? memory.members[place].prior(unit)).map
            {
                $0 / declared.members[place].nominalCapacity
            }
        }.sorted()
        return capacities.isEmpty ? nil : capacities[capacities.count / 2]
    }

    /// What those that follow load have together.
    ///
    /// While others hold, that is what they had when the first of those began, and changes only by
    /// who begins or ceases to follow. Adding it up anew at each tick would let it shrink, since
    /// shares fall faster than they rise.
    private mutating func shareToGive(to followers: [Int], of present: Int) -> Double {
        guard followers.count < present else {
            memory.followers = nil
            return Double(present)
        }
        let places = Set(followers)
        func sum(_ places: Set<Int>) -> Double {
            places.sorted().reduce(0) { $0 + memory.members[$1].share.last }
        }
        var share = sum(places)
        if let before = memory.followers {
            share =
                before.share + sum(places.subtracting(before.places))
                - sum(before.places.subtracting(places))
        }
        share = max(share, policy.floor)
        memory.followers = ServiceMemory.Followers(places: places, share: share)
        return share
    }
}
