// The table as the operator declared it, where Poise makes services and not only their weights.

/// The services that are to be in the kernel, with all that belongs to them but weights.
package struct Declaration: Equatable, Sendable {
    package var services: [Service]

    package init(services: [Service] = []) { self.services = services }

    package struct Service: Equatable, Sendable {
        package let key: ServiceKey
        package var setup: ServiceSetup
        package var members: [Member]
        /// Takes the clients when too few members are up.
        package var sorry: Member?

        package init(
            key: ServiceKey, setup: ServiceSetup, members: [Member], sorry: Member? = nil
        ) {
            self.key = key
            self.setup = setup
            self.members = members
            self.sorry = sorry
        }
    }

    package struct Member: Equatable, Sendable {
        package let key: DestinationKey
        package var setup: DestinationSetup
        /// What it can carry beside the others: weights begin with it.
        package let capacity: Double

        package init(key: DestinationKey, setup: DestinationSetup, capacity: Double = 1) {
            self.key = key
            self.setup = setup
            self.capacity = capacity
        }
    }

    package subscript(service key: ServiceKey) -> Service? { services.first { $0.key == key } }
}

extension Declaration.Service {
    /// The weights of a service that has none yet, by what its members can carry.
    ///
    /// Of whole capacities they are a whole multiple where the scheduler's scale has room for one,
    /// so that nothing is lost by rounding: 1, 2 and 4 become 3, 6 and 12 on wrr.
    package var firstWeights: [Weight] {
        guard !members.isEmpty else { return [] }
        let mean = members.reduce(0) { $0 + $1.capacity } / Double(members.count)
        let largest = (members.map(\.capacity).max() ?? mean) / mean
        let profile = Profile.of(
            setup.scheduler, rate: 0, members: members.count, previousMean: nil, largest: largest)
        let factor: Double
        switch (profile, setup.scheduler) {
        case (.weights(let wanted), _):
            let exact = wanted / mean
            factor = exact >= 1 ? exact.rounded(.down) : exact
        // They look whether it is 0.
        case (.unfit, .known(.rr)), (.unfit, .known(.lc)), (.unfit, .known(.dh)):
            return members.map { _ in Weight(clamping: 1) }
        // A priority or a bound, which only the operator knows.
        case (.unfit, _):
            factor = 1
        }
        let most = Double(Pace.of(setup.scheduler).mostWeight)
        let isFull = setup.scheduler == .known(.sh)
        return members.map { member in
            let weight = member.capacity * factor
            // The places of sh are filled in order: one too many would be taken from the last.
            return Weight(
                nearest: min(isFull ? weight.rounded(.down) : weight, most), atLeast: 1)
        }
    }

    /// The weight of a member that comes to others: the share that its capacity has beside theirs.
    package func firstWeight(ofMember place: Int, beside held: Table.Service) -> Weight {
        var (weights, capacities) = (0.0, 0.0)
        var finder = DestinationFinder(held.destinations)
        for member in members {
            guard let found = finder.find(member.key), found.weight > 0 else { continue }
            weights += Double(found.weight)
            capacities += member.capacity
        }
        guard capacities > 0 else { return firstWeights[place] }
        switch setup.scheduler {
        case .known(.fo), .known(.ovf), .known(.lblc), .known(.lblcr), .unknown:
            return firstWeights[place]
        case .known:
            return Weight(nearest: weights / capacities * members[place].capacity, atLeast: 1)
        }
    }
}
