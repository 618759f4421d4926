// The master from start to end: the control loop on this thread, the admin API beside it.

internal import Daemon
internal import Dispatch
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization
internal import Weighting

enum MasterProcess {
    /// Runs until a signal ends it.
    ///
    /// - Throws: what could not be opened at the start. Afterwards no input and no answer of the
    ///   kernel ends it.
    static func run(
        _ configuration: Configuration, path: String, isDryRun: Bool, logger: Logger
    ) throws {
        // Before any thread starts, since threads inherit what is blocked.
        let signals = try Signals()
        // One thread is enough for people who look.
        NIOSingletons.groupLoopCountSuggestion = 1
        // A master that answers there already would be a second writer of the same weights.
        try SocketFile(path: configuration.adminSocket).makeRoom()
        let board = StatusBoard()
        var loop = try ControlLoop(
            configuration, path: path, isDryRun: isDryRun, board: board, logger: logger)
        let api = AdminAPIThread(
            AdminServer(
                socketPath: configuration.adminSocket, snapshot: { board.snapshot },
                check: { CheckAnswer(Configuration.load(path)) }, logger: logger),
            logger: logger)
        defer { api.stop() }

        logger.notice(
            "the master starts",
            metadata: [
                "services": "\(configuration.cluster.services.count)",
                "agents": "\(configuration.agents.count)",
                "table": "\(configuration.table.name)", "dry-run": "\(isDryRun)",
            ])
        try loop.run(signals)
        logger.notice("the master ends; the table stays as it is")
    }
}

/// The newest snapshot, for readers on other threads.
final class StatusBoard: Sendable {
    private let newest = Mutex<Snapshot?>(nil)

    var snapshot: Snapshot? { newest.withLock { $0 } }

    func show(_ snapshot: Snapshot) { newest.withLock { $0 = snapshot } }
}

/// Runs the admin API on threads of its own, and ends it with the master.
struct AdminAPIThread {
    private let group: ServiceGroup
    private let ended = DispatchSemaphore(value: 0)

    init(_ server: AdminServer, logger: Logger) {
        var quiet = logger
        quiet.logLevel = .error
        let group = ServiceGroup(services: [server], logger: quiet)
        let ended = ended
        Task {
            do {
                try await group.run()
            } catch {
                // Weights matter more than looking at them: the control loop goes on.
                logger.error("the admin API is not available: \(error)")
            }
            ended.signal()
        }
        self.group = group
    }

    /// Asks it to end, and waits a moment for the socket's file to go.
    func stop() {
        let group = group
        Task { await group.triggerGracefulShutdown() }
        _ = ended.wait(timeout: .now() + .seconds(2))
    }
}
