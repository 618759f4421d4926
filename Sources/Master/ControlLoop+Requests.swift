// What other threads, and the service manager, want of the control loop.

internal import Daemon
internal import Weighting

extension ControlLoop {
    mutating func answer(_ request: Inbox.Request, at now: Instant) {
        switch request {
        case .snapshot(let answer):
            turns.forget()
            answer.resume(returning: snapshot(at: now))
        case .happenings(let number, let answer):
            answer.resume(returning: journal.happenings(after: number))
        case .reload(let asked):
            load(asked)
        case .declared(let answer):
            answer.resume(returning: declared)
        case .ground(let answer):
            answer.resume(returning: ground)
        case .ordered(let news):
            take(news, at: now)
        case .adopt(let loaded, let asked):
            let became = reload(loaded, confirmed: Set(asked.compactMap(\.confirm)), at: now)
            for one in asked { one.answer?.resume(returning: became) }
        case .checked(let changes):
            for checked in changes { hear(checked) }
        }
    }

    private mutating func hear(_ checked: Checked) {
        _ = balancer.take(.checked(checked))
        shadow?.take(.checked(checked))
        journal.checked(checked)
    }

    mutating func obey(_ signal: Signal) {
        switch signal {
        case .terminate, .interrupt: isEnding = true
        case .hangUp: load(Inbox.Reloading())
        }
    }
}
