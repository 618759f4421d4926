// What is remembered of one service beside its members.

internal import Protocol

struct ServiceMemory: Equatable, Sendable, Codable {
    /// By the service's name, by which agents tell of it.
    var id: ServiceID
    var members: [MemberMemory]
    /// The mean weight used before, so that it does not hunt; nothing before the first decision
    /// that follows load.
    var meanWeight: Double?
    /// The one that `meanWeight` is for.
    var scheduler: Scheduler?
    var connectionRate = ConnectionRate()
    /// What counts as work in this service.
    var unit = Unit.requests
    /// Whether its members are busy enough for their load to tell; with hysteresis.
    var isBusy = false
    /// Who follows load while others hold, and what they have together.
    var followers: Followers?
    /// Whether errors are those of more than half of the service; with hysteresis.
    var isCommonCause = false
    /// Whom errors and checks took out within the last window, each once.
    var removals: [Removal] = []
    /// What people ordered of members, by their places.
    var ordered: [MemberOrder] = []
    /// Whose weight was ordered, and is not any more: what they had before is still to be written.
    var released: [Int] = []
    /// Whether so few are up that checks count for nobody; with hysteresis.
    var isPanic = false
    /// Whether too few are up, so that the sorry server helps; with hysteresis.
    var isBelowQuorum = false
    /// When load was written last.
    var wroteAt: Instant?

    struct Followers: Equatable, Sendable, Codable {
        var places: Set<Int>
        var share: Double
    }
}

/// A member that errors or checks took out.
struct Removal: Equatable, Sendable, Codable {
    /// Nothing for one that is not declared any more.
    var place: Int?
    let at: Instant
}

extension ServiceMemory {
    /// Errors or a check took a member out.
    ///
    /// Who went within the window before is no further one.
    mutating func remove(_ place: Int, at now: Instant) {
        removals.removeAll { $0.place == place }
        removals.append(Removal(place: place, at: now))
    }

    mutating func forgetRemovals(at now: Instant) {
        removals.removeAll { now.seconds(since: $0.at) >= Ejections.Limits.windowSeconds }
    }

    /// Members have other places now: from the old one to the new one, of those that there still are.
    mutating func move(_ places: [Int: Int]) {
        ordered = ordered.compactMap { entry in
            places[entry.place].map { place in
                var moved = entry
                moved.place = place
                return moved
            }
        }.sorted { $0.place < $1.place }
        released = released.compactMap { places[$0] }.sorted()
        removals = removals.map { removal in
            Removal(place: removal.place.flatMap { places[$0] }, at: removal.at)
        }
    }

    /// The table took a weight that was ordered.
    mutating func confirmOrder(_ place: Int) {
        guard let index = ordered.firstIndex(where: { $0.place == place }) else { return }
        ordered[index].confirm()
    }
}
