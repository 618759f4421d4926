// What the master keeps of what happens: the journal for replays, and happenings for people.

internal import Daemon
internal import IPVS
internal import Journal
internal import Protocol
internal import Weighting

/// Hears of everything that the balancer takes and decides.
struct JournalKeeper {
    private var recorder: Recorder?
    private var chronicle: Chronicle
    private var ring = HappeningRing()
    private var trouble: String?

    /// Records with `recorder`, if there is one.
    init(_ cluster: Cluster, _ recorder: Recorder?) {
        self.recorder = recorder
        chronicle = Chronicle(cluster)
        happens(Happening(.masterStarted, detail: Poise.version))
    }

    mutating func hear(_ report: borrowing Report, _ heard: Event.Heard) {
        recorder?.hear(report, heard)
    }

    mutating func checked(_ checked: Checked) { recorder?.checked(checked) }

    mutating func ordered(_ orders: [Order], at now: Instant) {
        recorder?.ordered(orders, at: now)
    }

    /// A tick was decided on, and some steps of its plan were taken; `balancer` knows all of it.
    mutating func tick(
        _ table: Table, _ decision: Decision, applied: [Plan.Step],
        _ balancer: borrowing Balancer
    ) {
        let now = WallClock.unixNanoseconds()
        recorder?.tick(table, decision, applied: applied)
        recorder?.keepUp(balancer, at: decision.at, unixNanoseconds: now)
        let happenings = chronicle.happenings(decision, in: balancer.cluster)
        ring.append(happenings, unixMilliseconds: now / 1_000_000)
    }

    /// Whether a file's beginning is not whole, so that ``goOn(_:)`` is to come soon.
    var isBeginning: Bool { recorder?.isBeginning ?? false }

    /// Some milliseconds' work on the beginning of a file.
    mutating func goOn(_ balancer: borrowing Balancer) {
        recorder?.goOn(balancer, wholly: false)
    }

    /// A tick is about to be decided on.
    mutating func expectTick(_ balancer: borrowing Balancer) {
        recorder?.goOn(balancer, wholly: true)
    }

    /// Settings were read again; the folder stays the one that it was.
    mutating func adopt(_ settings: JournalSettings, at now: Instant) {
        recorder?.adopt(mostBytes: settings.mostBytes, at: now)
    }

    /// The balancer took another configuration, for these reasons.
    mutating func adopted(
        _ next: Cluster, after before: Cluster, at now: Instant,
        because happenings: [Happening] = [Happening(.reloaded)]
    ) {
        recorder?.adopted(next, at: now)
        chronicle.adopt(next, after: before)
        for happening in happenings { happens(happening) }
    }

    mutating func happens(_ happening: Happening) {
        ring.append([happening], unixMilliseconds: WallClock.unixNanoseconds() / 1_000_000)
    }

    /// What happened after the happening with that number.
    func happenings(after number: UInt64) -> [HappeningRing.Entry] { ring.after(number) }

    /// What is wrong with the master as a whole, asked for again and again.
    mutating func notice(_ trouble: String?) {
        guard trouble != self.trouble else { return }
        self.trouble = trouble
        happens(trouble.map { Happening(.trouble, detail: $0) } ?? Happening(.troubleEnded))
    }

    /// For people and programs; nothing when nothing is to be recorded.
    var shown: Snapshot.Journal? {
        recorder.map {
            Snapshot.Journal(isRecording: $0.isRecording, lostRecords: $0.lostCount)
        }
    }

    /// Why nothing is recorded that should be.
    var failure: JournalTrouble? { recorder?.failure.map { JournalTrouble(description: $0) } }
}

struct JournalTrouble: Error, CustomStringConvertible {
    let description: String
}

extension Recorder {
    /// The one that these settings ask for, and its thread.
    static func make(_ settings: JournalSettings) -> (Recorder, JournalWriter)? {
        guard let folder = settings.folder else { return nil }
        let writer = JournalWriter(folder: folder)
        return (
            Recorder(writer, mostBytes: settings.mostBytes, release: Poise.version), writer
        )
    }
}
