// Keeps the table as it was declared: services, their setup and their destinations, not weights.
//
// Pure, as the balancer is: the table and the time come in, steps go out. It compares what is
// declared with what is held, every time, and believes nothing of what it did before but two things:
// which services it made, and the weights that they had last.

/// The difference between a declaration and a table, as steps.
package struct Upkeep: Sendable {
    package private(set) var declaration: Declaration
    package internal(set) var holdings: Holdings
    package private(set) var rule: Drift.Rule
    /// How long the connections of what is no longer declared may last.
    package private(set) var leaveSeconds: Double
    /// Ours, and no longer declared; in an order that does not change.
    private(set) var dismissed: [ServiceKey] = []
    package private(set) var isRemovalConfirmed = false
    var memories: [ServiceKey: Memory] = [:]
    /// What the newest pass looked at; nothing where that was everything.
    private var fresh: Set<ServiceKey>?

    /// Within a minute; whoever still wants it otherwise then has their way for a while.
    static let mostMends = 5
    static let mendWindowSeconds = 60.0
    /// One look may be wrong: dumps have no mark of consistency.
    static let leastAbsenceSeconds = 1.0
    static let leastAudits = 2
    /// More services go only when somebody confirmed it.
    package static let mostServicesRemoved = 10

    /// What is known of a service that is declared, or leaves.
    struct Memory: Sendable {
        /// Whether it was as declared since the declaration last changed: what differs after that is
        /// drift, and what differs before is what the operator wants changed.
        var isSettled = false
        /// As the newest pass and the weights written since left it.
        var last: Table.Service?
        /// Declared, and not there at the pass before.
        var missing: Set<DestinationKey> = []
        var leaving: [DestinationKey: Leaving] = [:]
        var mends: [Instant] = []
        var told: Set<Drift> = []
        /// Of the service itself, when it is no longer declared.
        var farewell: Leaving?
    }

    /// Something that is ours and not declared any more.
    struct Leaving: Sendable {
        let seenAt: Instant
        var audits = 0
        var drainedAt: Instant?
        var weightBefore = 0
    }

    /// What checks say of members, as far as it is about who is in the table at all.
    package struct Availability: Sendable {
        /// Members that are out of the table while they are down.
        package var removed: Set<MemberKey>
        /// Services whose sorry server is in.
        package var sorry: Set<ServiceKey>
        /// Members that a person's order drains: where they have to be made, that is without clients.
        package var drained: Set<MemberKey> = []

        package init(removed: Set<MemberKey> = [], sorry: Set<ServiceKey> = []) {
            self.removed = removed
            self.sorry = sorry
        }
    }

    package struct Pass: Equatable, Sendable {
        package var plan = Plan()
        /// What somebody else changed since the pass before.
        package var news: [Drift.News] = []
        /// Faults found in the plan as first made; their services have no steps in it.
        package var faults: [Fault] = []
    }

    package init(
        _ declaration: Declaration, rule: Drift.Rule, leaveSeconds: Double,
        holdings: Holdings = Holdings()
    ) {
        self.declaration = Declaration()
        self.holdings = holdings
        self.rule = rule
        self.leaveSeconds = leaveSeconds
        adopt(declaration, rule: rule, leaveSeconds: leaveSeconds, isRemovalConfirmed: false)
    }

    /// Takes another declaration without forgetting what is known.
    package mutating func adopt(
        _ next: Declaration, rule: Drift.Rule, leaveSeconds: Double, isRemovalConfirmed: Bool
    ) {
        let before = Dictionary(
            declaration.services.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for service in next.services where before[service.key] != service {
            memories[service.key, default: Memory()].isSettled = false
            // It may have been leaving.
            memories[service.key]?.farewell = nil
            // The operator's own changes are no quarrel.
            memories[service.key]?.mends = []
        }
        let declared = Set(next.services.map(\.key))
        for key in memories.keys where !declared.contains(key) && !holdings.made.contains(key) {
            memories[key] = nil
        }
        holdings.declare(next)
        dismissed = holdings.made.subtracting(declared).sorted { "\($0)" < "\($1)" }
        declaration = next
        self.rule = rule
        self.leaveSeconds = leaveSeconds
        self.isRemovalConfirmed = isRemovalConfirmed
    }

    /// The services to read: those declared, and those that are to go.
    package var keys: [ServiceKey] { declaration.services.map(\.key) + dismissed }

    /// Why more services are left in the table than are declared.
    package var isRemovalHeld: Bool {
        dismissed.count > Self.mostServicesRemoved && !isRemovalConfirmed
    }

    /// Those in which something is about to happen.
    package var restless: Set<ServiceKey> {
        Set(memories.lazy.filter { $1.isRestless }.map(\.key))
    }

    /// What is to be done about `table`, which has those of ``keys`` that are there.
    ///
    /// Only those in `fresh` were just read; the others are as they were, and left alone.
    package mutating func pass(
        on table: Table, fresh: [ServiceKey]? = nil, at now: Instant,
        _ availability: Availability = Availability()
    ) -> Pass {
        self.fresh = fresh.map(Set.init)
        let held = Dictionary(
            table.services.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var pass = Pass()
        for service in declaration.services where isFresh(service.key) {
            tend(service, held[service.key], at: now, availability, into: &pass)
        }
        for key in dismissed where isFresh(key) { dismiss(key, held[key], at: now, into: &pass) }
        pass.faults = Self.faults(
            of: pass.plan, on: held, declaration, availability, isRemovalConfirmed)
        let refused = Set(pass.faults.map(\.service))
        if !refused.isEmpty { pass.plan.steps.removeAll { refused.contains($0.service) } }
        return pass
    }

    /// Takes the steps of a pass that the table took, and says what is left for weights: the
    /// declared services, without what leaves.
    package mutating func finish(_ taken: [Plan.Step], on table: Table) -> Table {
        var table = table
        _ = table.apply(taken)
        for step in taken { holdings.took(step) }
        if !dismissed.isEmpty { dismissed.removeAll { !holdings.made.contains($0) } }
        for place in table.services.indices {
            let key = table.services[place].key
            if isFresh(key) { memories[key]?.remember(table.services[place]) }
        }
        if !dismissed.isEmpty {
            let gone = Set(dismissed)
            table.services.removeAll { gone.contains($0.key) }
        }
        for place in table.services.indices {
            let leaving = memories[table.services[place].key]?.leaving ?? [:]
            guard !leaving.isEmpty else { continue }
            for other in table.services[place].destinations.indices.reversed()
            where leaving[table.services[place].destinations[other].key] != nil {
                table.services[place].remove(at: other)
            }
        }
        return table
    }

    /// The table took these weights.
    package mutating func wrote(_ steps: [Plan.Step]) {
        for case .setWeight(let service, let destination, _, let to, _) in steps {
            memories[service]?.note(to.rawValue, of: destination)
        }
    }
}

extension Upkeep {
    private func isFresh(_ key: ServiceKey) -> Bool { fresh?.contains(key) ?? true }
}

extension Upkeep.Memory {
    fileprivate var isRestless: Bool {
        !isSettled || farewell != nil || !missing.isEmpty || !leaving.isEmpty || !told.isEmpty
    }

    /// The service as it is now; what is missing is remembered as it was.
    fileprivate mutating func remember(_ held: Table.Service) {
        guard !missing.isEmpty, let last else {
            self.last = held
            return
        }
        var next = held
        for destination in last.destinations
        where missing.contains(destination.key) && held[destination.key] == nil {
            next.destinations.append(destination)
            next.details = []
        }
        self.last = next
    }

    fileprivate mutating func note(_ weight: Int, of destination: DestinationKey) {
        guard let place = last?.destinations.firstIndex(where: { $0.key == destination }) else {
            return
        }
        last?.destinations[place].weight = weight
    }

    /// Whether it was not mended too often lately.
    mutating func mayMend(at now: Instant) -> Bool {
        mends.removeAll { now.seconds(since: $0) >= Upkeep.mendWindowSeconds }
        return mends.count < Upkeep.mostMends
    }
}
