// The kernel's table: beside what is declared, and each service for itself.

internal import Weighting

extension DirectorDiagnosis {
    mutating func judgeTable(_ facts: DirectorFacts) {
        if facts.hasKubeProxy {
            return add(.kubeProxy, "there is an interface kube-ipvs0")
        }
        guard let kernel = facts.kernel else {
            return add(.kernelUnreadable, Self.withoutStop(facts.kernelTrouble))
        }
        compare(kernel.table, facts)
        for service in kernel.table.services { judge(service, facts.name(of: service.key)) }
    }

    // MARK: - What is declared

    private mutating func compare(_ table: Table, _ facts: DirectorFacts) {
        // A table in the master's memory has nothing to do with the kernel's.
        guard let snapshot = facts.snapshot, snapshot.master.table == "kernel" else { return }
        let held = Dictionary(table.services.map { ("\($0.key)", $0) }) { first, _ in first }
        for service in snapshot.services {
            guard let found = held[service.key] else {
                add(.serviceAbsent, "\(service.key) is declared", of: service.name)
                continue
            }
            // The master knows which of them is the sorry server.
            guard service.hold?.code == "undeclared_destinations" else { continue }
            let declared = Set(service.members.map(\.destination))
            for destination in found.destinations where !declared.contains("\(destination.key)") {
                add(.destinationUndeclared, "\(destination.key)", of: service.name)
            }
        }
        let declared = Set(snapshot.services.map(\.key))
        for service in table.services where !declared.contains("\(service.key)") {
            add(.serviceUndeclared, "the kernel holds it", of: "\(service.key)")
        }
    }

    // MARK: - One service

    private mutating func judge(_ service: Table.Service, _ name: String) {
        judgeScheduler(service, name)
        if !service.destinations.contains(where: { $0.weight > 0 }) {
            let count = service.destinations.count
            add(.noServer, count == 0 ? "it has no server" : "all \(count) weights are 0", of: name)
        }
        for (place, destination) in service.destinations.enumerated() {
            guard let setup = service.setup(ofDestination: place) else { continue }
            judge(destination, setup, service.key, name)
        }
    }

    private mutating func judgeScheduler(_ service: Table.Service, _ name: String) {
        let weights = service.destinations.map(\.weight).filter { $0 > 0 }
        let scheduler = "the scheduler is \(service.scheduler.name)"
        switch service.scheduler {
        case .known(.rr), .known(.lc), .known(.dh): add(.weightsIgnored, scheduler, of: name)
        case .known(.lblc), .known(.lblcr), .known(.ovf):
            add(.weightsAreBounds, scheduler, of: name)
        case .known(.fo): add(.weightsArePriorities, scheduler, of: name)
        case .unknown: add(.schedulerUnknown, scheduler, of: name)
        case .known(.sh):
            let sum = weights.reduce(0, Self.sum)
            if sum > Self.sourceHashPlaces {
                add(.sourceHashOverfull, "the weights sum to \(sum)", of: name)
            }
            judgeFallback(service, name)
        case .known(.mh):
            let count = service.destinations.count
            if count > Self.maglevPlaces { add(.maglevOverfull, "\(count) servers", of: name) }
            let span = Self.span(weights)
            if span >= Self.maglevLevels {
                add(
                    .maglevLevels, "the highest weight is \(span) times the common divisor",
                    of: name)
            }
            judgeFallback(service, name)
        case .known(.wrr):
            let span = Self.span(weights)
            if span > Self.longestWalk {
                add(.longWalk, "the highest weight is \(span) times the common divisor", of: name)
            }
        case .known(.wlc), .known(.sed), .known(.nq), .known(.twos): break
        }
    }

    private mutating func judgeFallback(_ service: Table.Service, _ name: String) {
        guard !service.fallsBack, service.destinations.contains(where: { $0.weight > 0 }) else {
            return
        }
        let out = service.destinations.filter { $0.weight == 0 }
        guard let first = out.first else { return }
        let others = out.count > 1 ? " and \(out.count - 1) more have" : " has"
        add(.hashDrops, "\(first.key)\(others) weight 0 without fallback", of: name)
    }

    private mutating func judge(
        _ destination: Table.Destination, _ setup: DestinationSetup, _ service: ServiceKey,
        _ name: String
    ) {
        let place = "\(name)/\(destination.key)"
        var isTunnel = false
        if case .tunnel = setup.forwarding { isTunnel = true }
        let isNative = isTunnel || setup.forwarding == .direct
        if case .address(_, let port, _) = service, port > 0, isNative, destination.key.port != port
        {
            add(.portNotMapped, "the service's port is \(port)", of: place)
        }
        if !isTunnel, destination.key.address.isV6 != (service.addressFamily == .v6) {
            add(.mixedFamilies, "the service is \(service)", of: place)
        }
        let upper = Int(setup.upperConnections)
        guard upper > 0 else { return }
        let held = Self.sum(destination.activeConnections, destination.inactiveConnections)
        if held >= upper, destination.weight > 0 {
            add(.overThreshold, "\(held) connections, upper \(upper)", of: place)
        }
        // Without a lower one the kernel takes three quarters.
        let lower = Int(setup.lowerConnections)
        if lower > 0, lower * 20 > upper * 19 {
            add(.thresholdsTight, "upper \(upper), lower \(lower)", of: place)
        }
    }

    // MARK: - Sums

    private static let sourceHashPlaces = 256
    private static let maglevPlaces = 4093
    private static let maglevLevels = 64
    private static let longestWalk = 256

    /// Numbers of the kernel may be anything.
    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, isOver) = left.addingReportingOverflow(right)
        return isOver ? .max : sum
    }

    /// The highest weight by what divides all of them.
    private static func span(_ weights: [Int]) -> Int {
        let divisor = weights.reduce(0) { left, right in
            var (left, right) = (left, right)
            while right != 0 { (left, right) = (right, left % right) }
            return left
        }
        return divisor == 0 ? 0 : (weights.max() ?? 0) / divisor
    }
}

extension Address {
    fileprivate var isV6: Bool {
        if case .v6 = self { return true }
        return false
    }
}
