// The way back from bytes to events.

internal import Protocol
package import Weighting

/// Where a recording begins: what the balancer knew, and when that was.
package struct Checkpoint: Sendable {
    package let moment: Moment
    /// What is known of servers and members follows in parts.
    package let balancer: Balancer

    package struct Moment: Equatable, Sendable {
        /// Of the master that recorded it.
        package let release: String
        package let at: Instant
        /// The same moment as people count time.
        package let unixNanoseconds: UInt64
        /// Whether it follows upon the segment before without a gap.
        package let isContinued: Bool

        package init(
            release: String, at: Instant, unixNanoseconds: UInt64, isContinued: Bool = false
        ) {
            self.release = release
            self.at = at
            self.unixNanoseconds = unixNanoseconds
            self.isContinued = isContinued
        }
    }
}

/// One record.
package enum Recorded: Sendable {
    case checkpoint(Checkpoint)
    /// Reports may come between the parts of a checkpoint, ticks only when it is whole.
    case part(BalancerPart)
    case whole
    case event(Event)
    /// The digest of the decision on the tick before.
    case decided(UInt64)
    case adopted(Cluster)
}

/// Reads records until they end.
package struct RecordReader {
    private var reader: ByteReader
    private var reports = ReportMemory(servers: 0)
    private var table = TableMemory()
    private var nanoseconds: UInt64 = 0
    /// Whether the checkpoint is.
    private var isWhole = false

    /// Reads what a master of this release recorded.
    package init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

    /// How many bytes were read.
    package var position: Int { reader.position }

    /// The next record; nothing where the bytes end as they should.
    ///
    /// - Throws: ``JournalError/ends`` where they end within a record or a checkpoint.
    package mutating func next() throws -> Recorded? {
        while !reader.isAtEnd {
            let tag = try reader.number()
            guard tag < RecordTag.firstServer else {
                return .event(try report(ofServer: tag - RecordTag.firstServer))
            }
            switch UInt8(tag) {
            case RecordTag.time:
                nanoseconds &+= UInt64(bitPattern: try reader.signed())
            case RecordTag.checkpoint:
                return .checkpoint(try checkpoint())
            case RecordTag.part:
                return .part(try state())
            case RecordTag.whole:
                isWhole = true
                return .whole
            case RecordTag.tick:
                guard isWhole else { throw JournalError.damaged("its beginning is not whole") }
                let table = try table.read(from: &reader)
                return .event(.tick(at: Instant(nanoseconds: nanoseconds), table: table))
            case RecordTag.decided:
                return .decided(try reader.bits())
            case RecordTag.applied:
                return .event(.applied(try steps()))
            case RecordTag.checked:
                return .event(.checked(try checked()))
            case RecordTag.ordered:
                return .event(.ordered(try state()))
            case RecordTag.adopted:
                return .adopted(try cluster())
            default:
                throw JournalError.damaged("a record has no kind")
            }
        }
        guard isWhole else { throw JournalError.ends }
        return nil
    }

    private mutating func checkpoint() throws -> Checkpoint {
        // First of all: what follows has the form of that release.
        let recorder = try reader.text()
        guard recorder == Poise.version else {
            throw JournalError.otherRelease(recorder, own: Poise.version)
        }
        nanoseconds = try reader.bits()
        let moment = Checkpoint.Moment(
            release: recorder, at: Instant(nanoseconds: nanoseconds),
            unixNanoseconds: try reader.bits(), isContinued: try reader.byte() != 0)
        let outline: BalancerOutline = try state()
        guard let balancer = Balancer(outline) else {
            throw JournalError.damaged("what is known does not fit the cluster")
        }
        isWhole = false
        reports = ReportMemory(
            servers: min(balancer.cluster.servers.count, RecordWriter.mostServers))
        table = TableMemory()
        return Checkpoint(moment: moment, balancer: balancer)
    }

    private mutating func cluster() throws -> Cluster {
        let cluster: Cluster = try state()
        guard cluster.isConnected else {
            throw JournalError.damaged("a member is of no server")
        }
        reports = ReportMemory(servers: min(cluster.servers.count, RecordWriter.mostServers))
        return cluster
    }

    private mutating func state<Value: Decodable>() throws -> Value {
        let source = StateSource(reader)
        let value = try source.get(Value.self)
        reader = source.reader
        return value
    }

    private mutating func report(ofServer number: UInt64) throws(JournalError) -> Event {
        guard number < UInt64(reports.serverCount) else {
            throw .damaged("a report is of no server")
        }
        let server = Int(number)
        let columns = try reports.read(server: server, from: &reader)
        return .report(
            try columns.report(),
            Event.Heard(
                server: server, boot: columns.fixed[ReportColumns.Column.boot],
                isDuplicateIdentity: columns.fixed[ReportColumns.Column.isDuplicate] != 0,
                at: Instant(nanoseconds: nanoseconds)))
    }

    private mutating func checked() throws(JournalError) -> Checked {
        let member = MemberKey(
            service: try reader.serviceKey(), destination: try reader.destinationKey())
        return Checked(
            member: member, isUp: try reader.byte() != 0, text: try reader.text(),
            at: Instant(nanoseconds: nanoseconds))
    }

    private mutating func steps() throws(JournalError) -> [Plan.Step] {
        var steps: [Plan.Step] = []
        var newest: ServiceKey?
        for _ in 0..<(try reader.count()) {
            let head = try reader.byte()
            let isSame = head & StepHead.sameService != 0
            let read = isSame ? newest : try reader.serviceKey()
            guard let service = read else { throw .damaged("a step is of no service") }
            newest = service
            let destination = try reader.destinationKey()
            let from = try reader.measure(from: 0)
            guard let to = Int(exactly: try reader.number()).flatMap(Weight.init) else {
                throw .damaged("a weight is out of range")
            }
            steps.append(
                .setWeight(
                    service: service, destination: destination, from: from, to: to,
                    cause: try Plan.Cause(number: head & ~StepHead.sameService)))
        }
        return steps
    }
}
