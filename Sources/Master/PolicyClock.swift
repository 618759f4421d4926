// Which policy is in force for each service now: the windows, and the time as people count it.

internal import Settings
internal import Weighting

/// Looks at the calendar when a window begins or ends, and only then.
struct PolicyClock {
    private let calendar: PolicyCalendar
    private var inForce: [ServiceKey: PolicyWindows.InForce] = [:]
    /// All that is known holds from the first of these up to the second, seconds since 1970.
    private var (since, lookAgain) = (Int.max, Int.min)

    init(_ calendar: PolicyCalendar, at unixSeconds: Int) {
        self.calendar = calendar
        _ = turn(to: unixSeconds)
    }

    /// Goes on to that time, also where clocks were set back; the services with another window.
    mutating func turn(to unixSeconds: Int) -> Set<ServiceKey> {
        guard unixSeconds < since || unixSeconds >= lookAgain else { return [] }
        var turned: Set<ServiceKey> = []
        let isBack = unixSeconds < since
        (since, lookAgain) = (unixSeconds, .max)
        for (key, entry) in calendar.services where !entry.windows.list.isEmpty {
            let known = inForce[key]
            if isBack || unixSeconds >= known?.lookAgain ?? .min {
                let next = entry.windows.inForce(at: unixSeconds, in: calendar.zone)
                if let known, known.window != next.window { turned.insert(key) }
                inForce[key] = next
            }
            lookAgain = min(lookAgain, inForce[key]?.lookAgain ?? .max)
        }
        return turned
    }

    /// The same cluster with the policies that are in force.
    func cluster(_ declared: Cluster) -> Cluster {
        guard !inForce.isEmpty else { return declared }
        var cluster = declared
        cluster.services = declared.services.map { service in
            guard let window = inForce[service.key]?.window else { return service }
            var service = service
            service.policy = calendar.services[service.key]?.policy(inWindow: window)?.policy
            return service
        }
        return cluster
    }

    /// What people hear of services with another window: one thing for all with the same one.
    func happenings(_ turned: Set<ServiceKey>, in cluster: Cluster) -> [Happening] {
        var groups: [(detail: String, services: [String])] = []
        for service in cluster.services where turned.contains(service.key) {
            let detail = policyInForce(service.key)?.text ?? ""
            if let index = groups.firstIndex(where: { $0.detail == detail }) {
                groups[index].services.append(service.name)
            } else {
                groups.append((detail, [service.name]))
            }
        }
        return groups.map { Happening(.policyChanged, services: $0.services, detail: $0.detail) }
    }

    /// Puts the policy that is in force with each service that names one.
    func show(in services: inout [Snapshot.Service], of cluster: Cluster) {
        guard !calendar.services.isEmpty else { return }
        let keys = Dictionary(
            cluster.services.map { ("\($0.key)", $0.key) }, uniquingKeysWith: { first, _ in first })
        for index in services.indices {
            services[index].policy = keys[services[index].key].flatMap(policyInForce)
        }
    }

    private func policyInForce(_ key: ServiceKey) -> Snapshot.PolicyInForce? {
        guard let entry = calendar.services[key] else { return nil }
        let now = inForce[key]
        return Snapshot.PolicyInForce(
            name: entry.policy(inWindow: now?.window)?.name,
            window: now?.window.map { entry.windows.list[$0].text },
            hasWindows: !entry.windows.list.isEmpty,
            untilUnixMilliseconds: now?.until.map { UInt64(clamping: $0 * 1000) },
            until: now?.until.map(calendar.zone.text))
    }
}
