// What is known of every server and member between decisions.

internal import Protocol

/// Memory of the balancer: reports end here, decisions read from here.
struct Fleet: Sendable {
    private(set) var cluster: Cluster
    /// Parallel to `cluster.servers`.
    private(set) var hosts: [Host]
    /// Parallel to `cluster.services` and their members.
    var services: [ServiceMemory]
    /// Parallel to `cluster.services`.
    let policies: [Policy]
    /// All, but in tests that show what each is good for.
    var safeguards = Safeguards.all
    /// What people ordered, as told last.
    var orders: [Order] = []
    /// For each server, where it serves.
    private let homes: [Home]
    /// Where servers serve that are in more than one service, in the order of the servers.
    private let otherPlaces: [Place]
    /// Of the services that have checks.
    private let checkedPlaces: [MemberKey: Place]

    /// What is known of a server as a whole.
    struct Host: Equatable, Sendable, Codable {
        /// What the newest report said of the server as a whole.
        private(set) var lastReport: Summary?
        private(set) var heardAt: Instant?
        private(set) var isDuplicate = false
        /// Told every half minute, and true until the agent ends.
        private(set) var agentVersion: UInt32?
        /// Heard where a policy names it.
        var stalls = Stalls()

        /// Loads are kept where they are used, by each member.
        struct Summary: Equatable, Sendable, Codable {
            let said: DrainMemory.Said
            let intervalMilliseconds: UInt16
        }

        /// What the newest report says of the server as a whole.
        var said: DrainMemory.Said? { lastReport?.said }

        /// Whether the agent asks for a drain now that it did not ask for, or the other way round.
        mutating func hear(_ report: borrowing Report, _ heard: Event.Heard) -> Bool {
            let said = DrainMemory.Said(state: report.state, reason: report.reason)
            let isChange = said.asksForDrain != (lastReport?.said.asksForDrain ?? false)
            lastReport = Summary(
                said: said, intervalMilliseconds: report.intervalMilliseconds)
            heardAt = heard.at
            isDuplicate = heard.isDuplicateIdentity
            if let version = report.info?.agentVersion { agentVersion = version }
            return isChange
        }
    }

    struct Place: Hashable, Sendable {
        let service: Int32
        let member: Int32
    }

    /// Most servers are in one service; so it lies here, and with it where the others are.
    private struct Home: Equatable, Sendable {
        var first: Place?
        var others: Range<Int32> = 0..<0
    }

    init(_ cluster: Cluster) {
        self.cluster = cluster
        policies = cluster.services.indices.map(cluster.policy(ofService:))
        hosts = cluster.servers.map { _ in Host() }
        services = cluster.services.map { service in
            ServiceMemory(
                id: ServiceID(name: service.name),
                members: service.members.map { _ in MemberMemory() })
        }
        var places = cluster.servers.map { _ in [Place]() }
        var checkedPlaces: [MemberKey: Place] = [:]
        for (index, service) in cluster.services.enumerated() {
            for (member, declared) in service.members.enumerated() {
                let place = Place(
                    service: Int32(clamping: index), member: Int32(clamping: member))
                places[declared.server].append(place)
                guard service.hasChecks else { continue }
                let key = MemberKey(service: service.key, destination: declared.destination)
                checkedPlaces[key] = place
            }
        }
        self.checkedPlaces = checkedPlaces
        var others: [Place] = []
        homes = places.map { places in
            let start = Int32(clamping: others.count)
            others += places.dropFirst()
            return Home(first: places.first, others: start..<Int32(clamping: others.count))
        }
        otherPlaces = others
    }

    /// Takes a new configuration and keeps what is known of everything that is in both.
    ///
    /// Services and members are told by the kernel's keys: a 0 stays ours under another name. What
    /// agents told is told by names, for one name's counters do not compare with another's.
    mutating func adopt(_ next: Cluster) {
        var adopted = Fleet(next)
        adopted.safeguards = safeguards
        let oldHosts = Dictionary(
            zip(cluster.servers.map(\.name), hosts), uniquingKeysWith: { first, _ in first })
        for (index, server) in next.servers.enumerated() {
            if let old = oldHosts[server.name] { adopted.hosts[index] = old }
        }
        let oldServices = Dictionary(
            cluster.services.enumerated().map { ($1.key, $0) },
            uniquingKeysWith: { first, _ in first })
        for (index, service) in next.services.enumerated() {
            guard let old = oldServices[service.key] else { continue }
            let known = Dictionary(
                cluster.services[old].members.enumerated().map { ($1.destination, $0) },
                uniquingKeysWith: { first, _ in first })
            let id = adopted.services[index].id
            adopted.services[index] = services[old]
            adopted.services[index].id = id
            // Places may mean other members now.
            adopted.services[index].followers = nil
            adopted.services[index].members = service.members.map { _ in MemberMemory() }
            var newPlaces: [Int: Int] = [:]
            for (place, member) in service.members.enumerated() {
                guard let oldPlace = known[member.destination] else { continue }
                newPlaces[oldPlace] = place
                let before = cluster.services[old].members[oldPlace]
                let isSame =
                    cluster.services[old].name == service.name
                    && cluster.servers[before.server].name == next.servers[member.server].name
                let memory = services[old].members[oldPlace]
                adopted.services[index].members[place] =
                    isSame ? memory : MemberMemory(otherNameOf: memory)
                if !service.hasChecks { adopted.services[index].members[place].forgetChecks() }
            }
            adopted.services[index].move(newPlaces)
        }
        adopted.orders = orders
        adopted.findOrdered()
        self = adopted
    }

    /// What is known of some servers, from a recording; false when there are no such servers.
    mutating func put(_ known: [Host], at first: Int) -> Bool {
        guard first >= 0, known.count <= hosts.count - first else { return false }
        for (offset, host) in known.enumerated() { hosts[first + offset] = host }
        return true
    }

    /// A report arrived; true when it changes whether its server, or one service of it, is to serve.
    mutating func hear(_ report: borrowing Report, _ heard: Event.Heard) -> Bool {
        guard hosts.indices.contains(heard.server) else { return false }
        // Whatever the policies name now: those of the next window may name it.
        hosts[heard.server].stalls.hear(report, boot: heard.boot)
        let home = homes[heard.server]
        var isChange = false
        if let first = home.first { isChange = hear(report, heard, at: first) }
        for index in home.others {
            if hear(report, heard, at: otherPlaces[Int(index)]) { isChange = true }
        }
        return hosts[heard.server].hear(report, heard) || isChange
    }

    private mutating func hear(
        _ report: borrowing Report, _ heard: Event.Heard, at place: Place
    ) -> Bool {
        let id = services[Int(place.service)].id
        return services[Int(place.service)].members[Int(place.member)].hear(
            report, heard, service: id, stalled: hosts[heard.server].stalls.shares,
            policy: policies[Int(place.service)])
    }

    /// A check found something new; true when that changes whether its member is to serve.
    mutating func hear(_ checked: Checked) -> Bool {
        guard let place = checkedPlaces[checked.member] else { return false }
        return services[Int(place.service)].members[Int(place.member)].hear(checked, safeguards)
    }

    /// Asks for the memory of what is known of a server; see ``Balancer/expect(server:)``.
    func expectHost(_ server: Int) {
        hosts.prefetch(server)
        homes.prefetch(server)
    }

    /// Asks for the memory of what is known of its members.
    func expectMembers(_ server: Int) {
        guard homes.indices.contains(server), let first = homes[server].first else { return }
        MemberMemory.prefetch(services[Int(first.service)].members, Int(first.member))
    }

    /// Asks for what is known of a service's members: it was last looked at half a second ago.
    func expectService(_ index: Int) {
        guard services.indices.contains(index) else { return }
        let declared = cluster.services[index].members
        let known = services[index].members
        for place in declared.indices {
            known.prefetch(place)
            hosts.prefetch(declared[place].server)
        }
    }

    /// The table took these steps: a 0 that a drain or errors wrote is ours from now on.
    mutating func applied(_ steps: [Plan.Step], at now: Instant) {
        // Steps come service by service.
        var index = 0
        for case .setWeight(let service, let destination, _, let weight, let cause) in steps {
            if !cluster.services.indices.contains(index) || cluster.services[index].key != service {
                guard let found = cluster.services.firstIndex(where: { $0.key == service })
                else { continue }
                index = found
            }
            guard cause != .load else {
                services[index].wroteAt = now
                continue
            }
            guard
                let place = cluster.services[index].members
                    .firstIndex(where: { $0.destination == destination })
            else { continue }
            services[index].members[place].drain.applied(weight.rawValue, for: cause)
            if cause == .errors || cause == .check { services[index].remove(place, at: now) }
            if cause == .order { services[index].confirmOrder(place) }
        }
    }

    /// Where a server serves.
    func places(ofServer server: Int) -> [Place] {
        let home = homes[server]
        return (home.first.map { [$0] } ?? []) + home.others.map { otherPlaces[Int($0)] }
    }

    /// Whether a server is in more than one service.
    func isShared(_ server: Int) -> Bool {
        homes.indices.contains(server) && !homes[server].others.isEmpty
    }

    /// What a server's other services get done in a second.
    func workElsewhere(server: Int, service: Int, _ unit: Unit) -> Double {
        guard homes.indices.contains(server), let first = homes[server].first else { return 0 }
        func work(_ place: Place) -> Double {
            guard Int(place.service) != service else { return 0 }
            let member = services[Int(place.service)].members[Int(place.member)]
            // What the kernel does not hold gets nothing, and nothing is counted of it.
            if unit == .connections, member.kernelConnections == nil { return 0 }
            return member.slow(unit)?.work ?? 0
        }
        return homes[server].others.reduce(work(first)) { sum, index in
            sum + work(otherPlaces[Int(index)])
        }
    }

    /// Whether all other services of a server that get anything done count it so.
    func countWorkElsewhere(server: Int, service: Int, _ unit: Unit) -> Bool {
        guard homes.indices.contains(server), let first = homes[server].first else { return true }
        func counts(_ place: Place) -> Bool {
            guard Int(place.service) != service else { return true }
            let member = services[Int(place.service)].members[Int(place.member)]
            return member.slow(unit) != nil || member.slow(.connections)?.requests ?? 0 == 0
        }
        return counts(first) && homes[server].others.allSatisfy { counts(otherPlaces[Int($0)]) }
    }

    /// How long ago the newest report of a server arrived; nothing when none did.
    func reportAgeSeconds(server: Int, at now: Instant) -> Double? {
        hosts[server].heardAt.map { now.seconds(since: $0) }
    }

    /// Whether more reports are missing than the newest one's promise allows.
    ///
    /// Half an interval of grace covers the path and the agent's own delays.
    func misses(_ reports: Int, server: Int, at now: Instant) -> Bool {
        guard let age = reportAgeSeconds(server: server, at: now),
            let promised = hosts[server].lastReport?.intervalMilliseconds
        else { return true }
        return age > (Double(reports) + 0.5) * Double(promised) / 1000
    }

    /// Whether a server's newest report is recent enough to act on.
    func isFresh(server: Int, _ policy: Policy, at now: Instant) -> Bool {
        guard let age = reportAgeSeconds(server: server, at: now) else { return false }
        let promised = Double(hosts[server].lastReport?.intervalMilliseconds ?? 0) / 1000
        return age <= max(policy.silence, 5 * max(policy.interval, promised))
    }
}
