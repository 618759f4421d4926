// Reads the files again on a thread of its own: one reading at a time, and at most one to come.

internal import Protocol
internal import Synchronization
internal import Weighting

/// Ten thousand key files take most of a second, in which no report is to wait.
///
/// Files may have changed since a reading began, so whoever asks meanwhile gets the next one, and
/// all of them the same.
final class ConfigurationReader: Sendable {
    typealias Asked = Inbox.Reloading

    private struct State {
        var isReading = false
        /// Somebody asked since the reading began.
        var isWanted = false
        var waiting: [Asked] = []
        /// Of the newest configuration that was valid; what its keys agreed on is used again.
        var roster: Roster
    }

    private let state: Mutex<State>
    private let read: @Sendable (_ known: Roster) -> Configuration.Loaded
    private let start: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let deliver: @Sendable (Configuration.Loaded, [Asked]) -> Void

    /// - Parameters:
    ///   - roster: of the configuration in force.
    ///   - read: reads and checks all files.
    ///   - start: runs what it gets on a thread that may wait.
    ///   - deliver: takes what was read, and who is to hear what became of it.
    init(
        _ roster: Roster, read: @escaping @Sendable (_ known: Roster) -> Configuration.Loaded,
        start: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void,
        deliver: @escaping @Sendable (Configuration.Loaded, [Asked]) -> Void
    ) {
        state = Mutex(State(roster: roster))
        self.read = read
        self.start = start
        self.deliver = deliver
    }

    /// Has the files read; whoever asked hears what became of it.
    func ask(_ asked: Asked) {
        let isIdle = state.withLock { state in
            state.waiting.append(asked)
            state.isWanted = true
            defer { state.isReading = true }
            return !state.isReading
        }
        if isIdle { start { [self] in readOnce() } }
    }

    private func readOnce() {
        let (known, asked) = state.withLock { state in
            defer {
                state.isWanted = false
                state.waiting = []
            }
            return (state.roster, state.waiting)
        }
        let loaded = read(known)
        deliver(loaded, asked)
        let isWanted = state.withLock { state in
            if let roster = loaded.configuration?.roster { state.roster = roster }
            state.isReading = state.isWanted
            return state.isWanted
        }
        if isWanted { start { [self] in readOnce() } }
    }
}
