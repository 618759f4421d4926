// The part of a decision that finds the scale of a service's weights.

internal import Protocol

extension Deliberation {
    func profile(present: [Int], holds: [Hold?]) -> Profile {
        let isSame = memory.scheduler == nil || memory.scheduler == table.scheduler
        let wanted = Profile.of(
            table.scheduler, rate: memory.connectionRate.perSecond, members: present.count,
            previousMean: isSame ? memory.meanWeight : nil,
            largest: table.scheduler == .known(.mh) ? largestNominal : 1)
        guard case .weights = wanted, isSame else { return wanted }
        guard let mean = memory.meanWeight else {
            // A restarted master takes up the scale that it finds, where that is one of ours.
            let sum = present.reduce(0) { $0 + (destinations[$1]?.weight ?? 0) }
            let found = Double(sum) / Double(max(present.count, 1))
            return table.scheduler == .known(.wrr) && Profile.roundRobinMean.contains(found)
                ? .weights(mean: found) : wanted
        }
        // A new mean rewrites every weight, and those that hold are to be left alone.
        return wanted != .weights(mean: mean) && present.contains { holds[$0] != nil }
            ? .weights(mean: mean) : wanted
    }

    /// The largest nominal share of all that are declared: who drains changes no scale.
    private var largestNominal: Double {
        var (sum, most) = (0.0, 0.0)
        for member in declared.members {
            sum += member.nominalCapacity
            most = max(most, member.nominalCapacity)
        }
        return most * Double(declared.members.count) / max(sum, .leastNormalMagnitude)
    }

    mutating func take(_ mean: Double) {
        defer { (memory.meanWeight, memory.scheduler) = (mean, table.scheduler) }
        guard let before = memory.meanWeight, before != mean else { return }
        for place in destinations.indices {
            memory.members[place].share.rescale()
        }
    }
}
