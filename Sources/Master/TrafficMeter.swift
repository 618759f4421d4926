// Traffic by the kernel's counters: sums that outlive them, and rates by difference.

internal import Weighting

/// What every destination has had since the master began to look.
///
/// The kernel's counters start anew when somebody sets them to 0 (`ipvsadm -Z`), and when a destination
/// or a service is made again; a sum here goes on.
struct TrafficMeter {
    /// Of one kind each, in this order: connections, packets and bytes in and out.
    typealias Counts = SIMD8<UInt64>

    fileprivate struct Member {
        var newest: Counts
        var sum = Counts()
        /// The sum when the time began over which a rate is taken.
        var mark = Counts()
        var rate = SIMD8<Double>()
    }

    private struct Service {
        var markedAt: Instant
        var members: [DestinationKey: Member] = [:]
        /// Those that were in the newest table; others are kept for a while, since they may come back.
        var isRated = false
    }

    private var services: [ServiceKey: Service] = [:]

    /// Linux sums its counters up every two seconds or so: over less a rate would jump.
    static let rateSeconds = 4.0
    /// Destinations that are gone and remembered, beyond as many as are there.
    private static let mostGone = 64

    /// Services as they were just read.
    mutating func take(_ read: some Sequence<Table.Service>, at now: Instant) {
        for held in read where held.details.count == held.destinations.count {
            var service = services.removeValue(forKey: held.key) ?? Service(markedAt: now)
            for (destination, detail) in zip(held.destinations, held.details) {
                let counts = Counts(destination, detail.traffic)
                service.members[destination.key, default: Member(newest: counts)].add(counts)
            }
            if service.members.count > held.destinations.count + Self.mostGone {
                let there = Set(held.destinations.map(\.key))
                service.members = service.members.filter { there.contains($0.key) }
            }
            let seconds = now.seconds(since: service.markedAt)
            if seconds >= Self.rateSeconds {
                for key in service.members.keys { service.members[key]?.takeRate(over: seconds) }
                service.markedAt = now
                service.isRated = true
            }
            services[held.key] = service
        }
    }

    /// Forgets services that are not watched any more.
    mutating func keep(only keys: [ServiceKey]) {
        guard services.count > keys.count else { return }
        let kept = Set(keys)
        services = services.filter { kept.contains($0.key) }
    }

    func traffic(of destination: DestinationKey, in service: ServiceKey) -> Snapshot.Traffic? {
        guard let service = services[service], let member = service.members[destination] else {
            return nil
        }
        return Snapshot.Traffic(
            connections: member.sum[0], inPackets: member.sum[1], outPackets: member.sum[2],
            inBytes: member.sum[3], outBytes: member.sum[4],
            perSecond: service.isRated
                ? Snapshot.Traffic.Rates(
                    connections: member.rate[0], inPackets: member.rate[1],
                    outPackets: member.rate[2], inBytes: member.rate[3], outBytes: member.rate[4])
                : nil)
    }
}

extension TrafficMeter.Member {
    /// The counters say so much now.
    fileprivate mutating func add(_ counts: TrafficMeter.Counts) {
        for place in 0..<TrafficMeter.Counts.scalarCount {
            let (now, before) = (counts[place], newest[place])
            // It goes back only when it was set to 0, and has counted up from there.
            sum[place] &+= now >= before ? now - before : now
        }
        newest = counts
    }

    fileprivate mutating func takeRate(over seconds: Double) {
        for place in 0..<TrafficMeter.Counts.scalarCount {
            rate[place] = Double(sum[place] &- mark[place]) / seconds
        }
        mark = sum
    }
}

extension TrafficMeter.Counts {
    fileprivate init(_ destination: Table.Destination, _ traffic: Table.Traffic) {
        self.init(
            destination.scheduledConnections, traffic.inPackets, traffic.outPackets,
            traffic.inBytes, traffic.outBytes, 0, 0, 0)
    }
}
