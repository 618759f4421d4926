// What other threads ask of the control loop, and how they get their answers.

internal import Daemon
internal import Synchronization
internal import Weighting

/// Questions to the thread that knows; each is answered once, also when the loop has ended.
final class Inbox: Sendable {
    enum Request {
        case snapshot(Answer<Snapshot>)
        /// What happened after the happening with a number.
        case happenings(after: UInt64, Answer<[HappeningRing.Entry]>)
        /// Reads the files again; with nobody to answer when a signal asked.
        case reload(Reloading)
        /// The files were read, for all who asked before the reading began.
        case adopt(Configuration.Loaded, [Reloading])
        /// What the files said that are in force.
        case declared(Answer<Configuration>)
        /// What an order is judged by.
        case ground(Answer<OrderGround>)
        /// People gave or ended orders, or the disk refused one.
        case ordered(OrderNews)
        /// What checks found of members.
        case checked([Checked])
    }

    /// Nothing is the answer when there is none to give.
    typealias Answer<Value: Sendable> = CheckedContinuation<Value?, Never>

    private let wakeup: Wakeup
    // Nothing after the end. The admin API holds what may wait here to its limit of connections.
    private let waiting = Mutex<[Request]?>([])

    /// Somebody who wants the files read again.
    struct Reloading: Sendable {
        var answer: Answer<AdminAPI.Reload>?
        /// The hash of a change that is meant, though it takes out much.
        var confirm: String?
    }

    init() throws(SystemError) { wakeup = try Wakeup() }

    /// Readable while something waits.
    var descriptor: Int32 { wakeup.number }

    func snapshot() async -> Snapshot? {
        await withCheckedContinuation { post(.snapshot($0)) }
    }

    func happenings(after number: UInt64) async -> [HappeningRing.Entry]? {
        await withCheckedContinuation { post(.happenings(after: number, $0)) }
    }

    func reload(confirm: String?) async -> AdminAPI.Reload? {
        await withCheckedContinuation { post(.reload(Reloading(answer: $0, confirm: confirm))) }
    }

    func declared() async -> Configuration? {
        await withCheckedContinuation { post(.declared($0)) }
    }

    func ground() async -> OrderGround? {
        await withCheckedContinuation { post(.ground($0)) }
    }

    func post(_ request: Request) {
        let isTaken = waiting.withLock { waiting in
            waiting?.append(request)
            return waiting != nil
        }
        if isTaken { wakeup.ring() } else { request.refuse() }
    }

    /// All that waits; the loop's to call.
    func take() -> [Request] {
        wakeup.take()
        return waiting.withLock { waiting in
            defer { if waiting != nil { waiting = [] } }
            return waiting ?? []
        }
    }

    /// Nobody takes anything any more.
    func end() {
        let rest = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting ?? []
        }
        for request in rest { request.refuse() }
    }
}

extension Inbox.Request {
    fileprivate func refuse() {
        switch self {
        case .snapshot(let answer): answer.resume(returning: nil)
        case .happenings(_, let answer): answer.resume(returning: nil)
        case .reload(let asked): asked.answer?.resume(returning: nil)
        case .declared(let answer): answer.resume(returning: nil)
        case .ground(let answer): answer.resume(returning: nil)
        case .ordered: break
        case .adopt(_, let asked): for one in asked { one.answer?.resume(returning: nil) }
        case .checked: break
        }
    }
}
