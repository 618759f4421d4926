// Reads the files again on a thread of its own: one reading at a time, and at most one to come.

internal import Protocol
internal import Synchronization
internal import Weighting

/// Ten thousand key files take most of a second, in which no report is to wait.
///
/// Files may have changed since a reading began, so whoever asks meanwhile gets the next one, and
/// all of them the same.
final class ConfigurationReader: Sendable {
    typealias Answer = Inbox.Answer<AdminAPI.Reload>

    private struct State {
        var isReading = false
        /// Somebody asked since the reading began.
        var isWanted = false
        var waiting: [Answer] = []
        /// Of the newest configuration that was valid; what its keys agreed on is used again.
        var roster: Roster
    }

    private let state: Mutex<State>
    private let read: @Sendable (_ known: Roster) -> Configuration.Loaded
    private let start: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let deliver: @Sendable (Configuration.Loaded, [Answer]) -> Void

    /// - Parameters:
    ///   - roster: of the configuration in force.
    ///   - read: reads and checks all files.
    ///   - start: runs what it gets on a thread that may wait.
    ///   - deliver: takes what was read, and who is to hear what became of it.
    init(
        _ roster: Roster, read: @escaping @Sendable (_ known: Roster) -> Configuration.Loaded,
        start: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void,
        deliver: @escaping @Sendable (Configuration.Loaded, [Answer]) -> Void
    ) {
        state = Mutex(State(roster: roster))
        self.read = read
        self.start = start
        self.deliver = deliver
    }

    /// Has the files read; `answer` hears what became of it, if anybody waits.
    func ask(_ answer: Answer?) {
        let isIdle = state.withLock { state in
            if let answer { state.waiting.append(answer) }
            state.isWanted = true
            defer { state.isReading = true }
            return !state.isReading
        }
        if isIdle { start { [self] in readOnce() } }
    }

    private func readOnce() {
        let (known, answers) = state.withLock { state in
            defer {
                state.isWanted = false
                state.waiting = []
            }
            return (state.roster, state.waiting)
        }
        let loaded = read(known)
        deliver(loaded, answers)
        let isWanted = state.withLock { state in
            if let roster = loaded.configuration?.roster { state.roster = roster }
            state.isReading = state.isWanted
            return state.isWanted
        }
        if isWanted { start { [self] in readOnce() } }
    }
}
