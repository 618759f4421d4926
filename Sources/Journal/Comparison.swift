// The same events under another policy: what would have been written, beside what was.

package import Weighting

/// Two balancers side by side: one as recorded, one with another policy.
///
/// What servers would have reported under other weights nobody knows: both hear what was recorded.
/// So it shows what the other policy makes of that load, and not where it would have led.
package struct Comparison: Sendable {
    private let change: @Sendable (Cluster) -> Cluster
    /// Before, the recording is heard, and nothing is counted.
    private let start: UInt64
    private var recorded: Balancer?
    /// As the recording has it; nothing before one was read.
    package var cluster: Cluster? { recorded?.cluster }
    private var other: Balancer?
    /// Whether all parts of the newest checkpoint were read.
    private var isWhole = false
    /// The weights under the other policy, where they are not those of the recording.
    private var replaced: [MemberKey: Int] = [:]
    /// The weights of the recording at the end of the tick before.
    private var expected: [MemberKey: Int] = [:]
    private var newest: Instant?
    private var clock: Checkpoint.Moment?
    /// Of the recording's policy, seconds; nothing before one was read.
    package var interval: Double? { recorded?.cluster.policy.interval }
    package private(set) var rows: [MemberKey: Row] = [:]
    package private(set) var ticks = 0
    package private(set) var firstUnixNanoseconds: UInt64 = 0
    package private(set) var lastUnixNanoseconds: UInt64 = 0

    /// One member under both.
    package struct Row: Equatable, Sendable {
        package let service: String
        package let server: String
        package let destination: DestinationKey
        package var recorded = Course()
        package var other = Course()
    }

    /// What became of one member under one policy.
    package struct Course: Equatable, Sendable {
        package var writes = 0
        package var ticks = 0
        package var last: Int?
        /// The code of the newest reason.
        package private(set) var lastReason: String?
        /// By the code of the reason.
        package var reasons: [String: Int] = [:]
        private var sum = 0.0
        /// For a plot, on people's clock; where it changed.
        package private(set) var points: [Point] = []

        package struct Point: Equatable, Sendable {
            package let unixNanoseconds: UInt64
            package let weight: Int
        }

        /// More than a plot can show.
        private static let mostPoints = 10_000

        package var mean: Double? { ticks > 0 ? sum / Double(ticks) : nil }

        mutating func take(_ weight: Int?, _ reason: String, at unixNanoseconds: UInt64) {
            reasons[reason, default: 0] += 1
            lastReason = reason
            guard let weight else { return }
            ticks += 1
            sum += Double(weight)
            if weight != last, points.count < Self.mostPoints {
                points.append(Point(unixNanoseconds: unixNanoseconds, weight: weight))
            }
            last = weight
        }
    }

    /// `change` gives a cluster the other policy, from the first tick after the start on.
    ///
    /// Until then there is one. Its interval stays: ticks came when they came, and under a shorter one all of
    /// them would be late.
    package init(
        from startUnixNanoseconds: UInt64 = 0, change: @escaping @Sendable (Cluster) -> Cluster
    ) {
        start = startUnixNanoseconds
        self.change = { cluster in
            var other = change(cluster)
            other.policy.interval = cluster.policy.interval
            return other
        }
    }

    /// Takes the records of one segment; those of the next go on from there.
    ///
    /// Returns why the rest of them was not read, if it was not.
    package mutating func take(_ records: [UInt8]) -> JournalError? {
        do {
            try run(records)
            return nil
        } catch {
            return JournalError(error)
        }
    }

    private mutating func run(_ records: [UInt8]) throws {
        var reader = RecordReader(records)
        while let record = try reader.next() {
            switch record {
            case .checkpoint(let checkpoint): begin(at: checkpoint)
            case .part(let part):
                guard recorded?.put(part) == true else { throw JournalError.noPlace }
            case .whole: isWhole = true
            case .adopted(let cluster):
                recorded?.adopt(cluster)
                other?.adopt(change(cluster))
            case .decided: break
            case .event(.report(let report, let heard)):
                newest = heard.at
                recorded?.hear(report, heard)
                other?.hear(report, heard)
            case .event(.checked(let checked)):
                newest = checked.at
                _ = recorded?.take(.checked(checked))
                _ = other?.take(.checked(checked))
            case .event(.ordered(let orders)):
                _ = recorded?.take(.ordered(orders))
                _ = other?.take(.ordered(orders))
            case .event(.tick(let now, let table)):
                newest = now
                tick(at: now, table)
            case .event(.applied(let steps)):
                _ = recorded?.take(.applied(steps))
                applied(steps)
            }
        }
    }

    private mutating func begin(at checkpoint: Checkpoint) {
        clock = checkpoint.moment
        recorded = checkpoint.balancer
        isWhole = false
        // The oldest may have gone meanwhile, so that the one before is not the one read before.
        let isNext = checkpoint.moment.isContinued && newest == checkpoint.moment.at
        guard !isNext || other == nil else { return }
        other = nil
        (replaced, expected) = ([:], [:])
    }

    private mutating func tick(at now: Instant, _ table: Table) {
        guard let clock else { return }
        let moment = clock.unixNanoseconds(at: now)
        guard moment >= start else {
            _ = recorded?.take(.tick(at: now, table: table))
            return
        }
        if other == nil, isWhole, var balancer = recorded {
            balancer.adopt(change(balancer.cluster))
            other = balancer
        }
        ticks += 1
        learnForeignHands(table)
        let seen = table.with(replaced)
        if ticks == 1 { firstUnixNanoseconds = moment }
        lastUnixNanoseconds = moment
        if let decision = recorded?.take(.tick(at: now, table: table)) {
            count(decision, \.recorded, at: moment)
        }
        if let decision = other?.take(.tick(at: now, table: seen)) {
            count(decision, \.other, at: moment)
            // Every write of a policy that did not run succeeds.
            for case .setWeight(let service, let destination, _, let weight, _)
                in decision.plan.steps
            {
                let member = MemberKey(service: service, destination: destination)
                replaced[member] = weight.rawValue
                rows[member]?.other.writes += 1
            }
            _ = other?.take(.applied(decision.plan.steps))
        }
    }

    private mutating func count(
        _ decision: Decision, _ course: WritableKeyPath<Row, Course>, at moment: UInt64
    ) {
        guard let cluster = recorded?.cluster else { return }
        for (declared, service) in zip(cluster.services, decision.services) {
            for verdict in service.verdicts {
                let member = MemberKey(service: declared.key, destination: verdict.destination)
                var row =
                    rows[member]
                    ?? Row(
                        service: declared.name, server: cluster.servers[verdict.server].name,
                        destination: verdict.destination)
                row[keyPath: course].take(
                    verdict.kernel, verdict.reason.code, at: moment)
                rows[member] = row
            }
        }
    }

    /// What somebody else set during the recording, they would have set in any case.
    private mutating func learnForeignHands(_ table: Table) {
        for service in table.services {
            for destination in service.destinations {
                let member = MemberKey(service: service.key, destination: destination.key)
                if let before = expected[member], before != destination.weight {
                    replaced[member] = nil
                }
                expected[member] = destination.weight
            }
        }
    }

    private mutating func applied(_ steps: [Plan.Step]) {
        guard other != nil else { return }
        for case .setWeight(let service, let destination, _, let weight, _) in steps {
            let member = MemberKey(service: service, destination: destination)
            expected[member] = weight.rawValue
            rows[member]?.recorded.writes += 1
            // From now on the recording's weight is its own policy's work.
            if replaced[member] == nil { replaced[member] = newestKernel(of: member) }
        }
    }

    /// What the kernel held for both before the first write of the recorded policy.
    private func newestKernel(of member: MemberKey) -> Int? {
        rows[member]?.other.last
    }
}

extension Table {
    /// The same with other weights.
    fileprivate func with(_ weights: [MemberKey: Int]) -> Table {
        guard !weights.isEmpty else { return self }
        var table = self
        for service in table.services.indices {
            let key = table.services[service].key
            for place in table.services[service].destinations.indices {
                let destination = table.services[service].destinations[place].key
                guard let weight = weights[MemberKey(service: key, destination: destination)]
                else { continue }
                table.services[service].destinations[place].weight = weight
            }
        }
        return table
    }
}
