// What shares the members have as a decision begins: as the kernel shows them, and as they were left.

extension Deliberation {
    /// Compares every share with what the kernel holds.
    ///
    /// Weights on about our scale are taken as they are, so that a restarted master changes
    /// nothing. On any other scale, such as all 1, only their ratios count.
    /// Returns, for members that somebody else changed, the weight that should have been there.
    mutating func lookAtShares(holds: [Hold?], hold: Hold?) -> [Int: Int] {
        guard let meanWeight = memory.meanWeight else { return [:] }
        let isFollowed = hold == nil
        let goOn = newcomersGoOn(in: hold)
        let mean = meanOfWeights
        let unit = (meanWeight / 2...meanWeight * 2).contains(mean) ? meanWeight : mean
        let isStart = memory.members.allSatisfy { $0.share.current == nil }
        let sumOfNominals = declared.members.reduce(0) { $0 + $1.nominalCapacity }
        let meanNominal = sumOfNominals / Double(max(declared.members.count, 1))

        var overridden: [Int: Int] = [:]
        for place in destinations.indices {
            guard let kernel = destinations[place]?.weight, kernel > 0 else {
                memory.members[place].share.leave()
                if memory.members[place].drain.isEjected {
                    memory.members[place].share.forgetErrors(
                        nominal: declared.members[place].nominalCapacity / meanNominal)
                }
                continue
            }
            // Of one that comes, none passed; where it holds it has at once what a newcomer has.
            var passedSeconds = 0.0
            if memory.members[place].share.current != nil {
                let changed = memory.members[place].share
                    .look(kernel: kernel, meanWeight: meanWeight)
                if let changed { overridden[place] = changed }
                passedSeconds = elapsedSeconds
            } else if isStart {
                guard isFollowed else { continue }
                memory.members[place].share
                    .start(kernel: kernel, unit: unit, meanWeight: meanWeight)
            } else {
                let isUnseen = memory.members[place].share.isUnseen
                memory.members[place].share.arrive(
                    kernel: kernel, meanWeight: meanWeight, hold: holds[place],
                    nominal: declared.members[place].nominalCapacity / meanNominal,
                    isOurs: memory.members[place].drain.isBack)
                // Beside too few, they would be drowned before it has come to its share.
                if isUnseen || !isHalfEstablished || policy.slowStart == 0
                    || !fleet.safeguards.hold(.slowStart)
                {
                    memory.members[place].share.hurry()
                }
            }
            if isFollowed {
                memory.members[place].share.grow(
                    bySeconds: passedSeconds, within: policy.slowStart,
                    isHolding: holds[place]?.isLasting ?? false)
            } else if goOn, memory.members[place].share.isOnItsWay {
                memory.members[place].share.grow(
                    bySeconds: passedSeconds, within: policy.slowStart,
                    isHolding: holds[place]?.isForLess != true)
            }
        }
        return overridden
    }

    /// Whether newcomers go on to their shares while the service holds.
    ///
    /// Their way is one of time and not of what is heard, and beside silent servers, which may be
    /// dead, one that stays at a tenth is missed. After a late tick nothing moves, and on sh only all
    /// weights together fill the places.
    func newcomersGoOn(in hold: Hold?) -> Bool {
        guard memory.scheduler == table.scheduler, table.scheduler != .known(.sh)
        else { return false }
        return switch hold {
        case .fewerThanHalfFresh, .manyFallSilent, .tooIdle, .undeclaredDestinations: true
        default: false
        }
    }

    /// Whether half of the declared capacity serves, and not as newcomers.
    private var isHalfEstablished: Bool {
        var (established, all) = (0.0, 0.0)
        for (place, member) in declared.members.enumerated() {
            all += member.nominalCapacity
            if memory.members[place].share.isEstablished { established += member.nominalCapacity }
        }
        return 2 * established >= all
    }

    /// Of those that have one.
    var meanOfWeights: Double {
        var (sum, count) = (0, 0)
        for place in destinations.indices {
            guard let weight = destinations[place]?.weight, weight > 0 else { continue }
            sum += weight
            count += 1
        }
        return Double(sum) / Double(max(count, 1))
    }
}

extension Hold {
    /// Whether a newcomer may wait long for it to end, so that it comes to its share without load.
    fileprivate var isLasting: Bool {
        switch self {
        case .late, .learning: false
        default: !isForLess
        }
    }
}
