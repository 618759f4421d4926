// Events as bytes, one after the other; what repeats is left out.

package import Protocol
package import Weighting

/// What begins a record; all above are reports, of the server with that number less.
enum RecordTag {
    static let time: UInt8 = 0
    static let checkpoint: UInt8 = 1
    static let tick: UInt8 = 2
    static let decided: UInt8 = 3
    static let applied: UInt8 = 4
    static let adopted: UInt8 = 5
    static let part: UInt8 = 6
    static let whole: UInt8 = 7
    static let checked: UInt8 = 8
    static let ordered: UInt8 = 9
    /// With room for kinds to come.
    static let firstServer: UInt64 = 16
}

/// Writes the events that a balancer took, from a checkpoint on.
///
/// Bytes gather in ``bytes``, whose owner takes them away. Between checkpoints nothing is allocated
/// for a report of a server that is in one service.
package struct RecordWriter {
    private var writer = ByteWriter()
    private var columns = ReportColumns()
    private var reports = ReportMemory(servers: 0)
    private var table = TableMemory()
    private var nanoseconds: UInt64 = 0

    /// A checkpoint hands on what gathered when it is so much.
    package static let pieceByteCount = 64 << 10
    /// Servers beyond have no place in a record.
    static let mostServers = 1 << 20

    package init() {}

    /// What gathered since it was last taken away.
    package var bytes: [UInt8] {
        get { writer.bytes }
        _modify { yield &writer.bytes }
    }

    /// Begins anew: a checkpoint is all that a replay needs, which is what the balancer knows.
    ///
    /// It is whole after ``goOn(_:at:count:handOn:)``, before the next tick. `handOn` takes bytes
    /// away, or throws when it cannot; then the checkpoint is of no use.
    package mutating func begin(
        _ balancer: borrowing Balancer, _ moment: Checkpoint.Moment,
        handOn: @escaping (inout [UInt8]) throws -> Void
    ) throws {
        reports.forget(servers: min(balancer.cluster.servers.count, Self.mostServers))
        table = TableMemory()
        nanoseconds = moment.at.nanoseconds
        writer.byte(RecordTag.checkpoint)
        writer.text(moment.release)
        writer.bits(nanoseconds)
        writer.bits(moment.unixNanoseconds)
        writer.byte(moment.isContinued ? 1 : 0)
        try state(balancer.outline, handOn: handOn)
    }

    /// Adds parts of at least so many servers and members; true when the checkpoint is whole.
    package mutating func goOn(
        _ balancer: borrowing Balancer, at place: inout BalancerPart.Place, count: Int,
        handOn: @escaping (inout [UInt8]) throws -> Void
    ) throws -> Bool {
        var done = 0
        while done < count {
            guard let part = balancer.part(at: &place) else {
                writer.byte(RecordTag.whole)
                return true
            }
            done += part.count
            writer.byte(RecordTag.part)
            try state(part, handOn: handOn)
        }
        return false
    }

    /// A report was heard.
    package mutating func hear(_ report: borrowing Report, _ heard: Event.Heard) {
        // Of nobody that the cluster knows: it decides nothing.
        guard heard.server >= 0, heard.server < reports.serverCount else { return }
        time(heard.at)
        writer.number(RecordTag.firstServer + UInt64(heard.server))
        columns.take(report, heard)
        reports.write(columns, server: heard.server, to: &writer)
    }

    /// A check found something new.
    package mutating func checked(_ checked: Checked) {
        time(checked.at)
        writer.byte(RecordTag.checked)
        writer.key(checked.member.service)
        writer.key(checked.member.destination)
        writer.byte(checked.isUp ? 1 : 0)
        writer.text(checked.text)
    }

    /// Other orders are in force.
    package mutating func ordered(
        _ orders: [Order], handOn: @escaping (inout [UInt8]) throws -> Void
    ) throws {
        writer.byte(RecordTag.ordered)
        try state(orders, handOn: handOn)
    }

    /// A tick was decided on, and these steps of its plan were taken.
    package mutating func tick(_ table: Table, _ decision: Decision, applied: [Plan.Step]) {
        time(decision.at)
        writer.byte(RecordTag.tick)
        self.table.write(table, to: &writer)
        writer.byte(RecordTag.decided)
        writer.bits(decision.digest)
        if !applied.isEmpty { write(applied) }
    }

    /// Another configuration took the place of the one before.
    package mutating func adopted(
        _ cluster: Cluster, handOn: @escaping (inout [UInt8]) throws -> Void
    ) throws {
        writer.byte(RecordTag.adopted)
        try state(cluster, handOn: handOn)
        // Numbers stand for other servers now.
        reports.forget(servers: min(cluster.servers.count, Self.mostServers))
    }

    private mutating func state(
        _ value: some Encodable, handOn: @escaping (inout [UInt8]) throws -> Void
    ) throws {
        let sink = StateSink(writer, limit: Self.pieceByteCount) { try handOn(&$0.bytes) }
        // Given away for the while, so that the sink writes in place.
        writer.bytes = []
        defer { writer = sink.writer }
        try sink.put(value)
    }

    private mutating func time(_ instant: Instant) {
        guard instant.nanoseconds != nanoseconds else { return }
        writer.byte(RecordTag.time)
        writer.signed(Int64(bitPattern: instant.nanoseconds &- nanoseconds))
        nanoseconds = instant.nanoseconds
    }

    private mutating func write(_ steps: [Plan.Step]) {
        writer.byte(RecordTag.applied)
        writer.number(UInt64(steps.count))
        var newest: ServiceKey?
        for case .setWeight(let service, let destination, let from, let to, let cause) in steps {
            writer.byte(cause.number | (service == newest ? StepHead.sameService : 0))
            if service != newest { writer.key(service) }
            newest = service
            writer.key(destination)
            writer.difference(from: 0, to: from)
            writer.number(UInt64(to.rawValue))
        }
    }
}

/// The first byte of a step: its cause, and whether it is of the service of the step before.
enum StepHead {
    static let sameService: UInt8 = 0x80
}

extension Plan.Cause {
    var number: UInt8 { UInt8(clamping: Self.allCases.firstIndex(of: self) ?? 0) }

    init(number: UInt8) throws(JournalError) {
        guard Int(number) < Self.allCases.count else { throw .damaged("a step has no cause") }
        self = Self.allCases[Int(number)]
    }
}
