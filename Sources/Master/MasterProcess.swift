// The master from start to end: the control loop on this thread, the admin API beside it.

internal import Checks
internal import Daemon
internal import Dispatch
internal import Journal
internal import Logging
internal import NIOCore
internal import Protocol
internal import ServiceLifecycle
internal import Weighting

enum MasterProcess {
    /// Runs until a signal ends it.
    ///
    /// - Throws: what could not be opened at the start. Afterwards no input and no answer of the
    ///   kernel ends it.
    static func run(
        _ configuration: Configuration, path: String, cache: ServicesCache, isDryRun: Bool,
        logger: Logger
    ) throws {
        // Before any thread starts, since threads inherit what is blocked.
        let signals = try Signals()
        // One thread is enough for people who look.
        NIOSingletons.groupLoopCountSuggestion = 1
        // A master that answers there already would be a second writer of the same weights.
        try SocketFile(path: configuration.adminSocket).makeRoom()
        let inbox = try Inbox()
        // What people ordered is known before anything is decided.
        let keeper = OrderKeeper(
            folder: configuration.state, timezone: configuration.timezone,
            unixMilliseconds: { Int(WallClock.unixNanoseconds() / 1_000_000) },
            deliver: { inbox.post(.ordered($0)) })
        let queue = DispatchQueue(label: "configuration")
        let reader = ConfigurationReader(
            configuration.roster, read: { Configuration.load(path, reusing: $0, cache: cache) },
            start: { work in queue.async { work() } },
            deliver: { inbox.post(.adopt($0, $1)) })
        let checks = try CheckThread(
            configuration.checks, deliver: { inbox.post(.checked($0)) },
            fail: { logger.error("members are checked no more: \($0); restart the master") })
        defer { checks.stop() }
        let recording = Recorder.make(configuration.journal)
        var loop = try ControlLoop(
            configuration, isDryRun: isDryRun, inbox: inbox, logger: logger,
            recorder: recording?.0,
            orders: OrderWatch(
                keeper.news, note: { keeper.note($0) }, retry: { keeper.retry() },
                adopt: { keeper.adopt(timezone: $0) }),
            load: { reader.ask($0) }, checks: checks,
            giveBackMemory: { queue.async { SpareMemory.giveBack() } })
        let isKernel = configuration.table == .kernel
        let api = AdminAPIThread(
            AdminServer(
                socketPath: configuration.adminSocket, snapshot: { await inbox.snapshot() },
                check: { CheckAnswer(Configuration.load(path, cache: cache)) },
                plan: {
                    // Another reading of the same files; what is in force answers at once.
                    let loaded = Configuration.load(path, cache: cache)
                    return await inbox.declared().map { AdminAPI.Proposal(loaded, over: $0) }
                },
                reload: { await inbox.reload(confirm: $0) },
                happenings: { await inbox.happenings(after: $0) },
                export: { AdminAPI.Export(Configuration.load(path, cache: cache)) },
                orders: OrderDesk(keeper, inbox, advice: { isKernel ? .read() : DrainAdvice() }),
                logger: logger),
            logger: logger)
        defer { api.stop() }

        logger.notice(
            "the master starts",
            metadata: [
                "services": "\(configuration.cluster.services.count)",
                "agents": "\(configuration.roster.names.count)",
                "table": "\(configuration.table.name)", "dry-run": "\(isDryRun)",
            ])
        // Of the files, and of what they were read into.
        SpareMemory.giveBack()
        try loop.run(signals)
        recording?.1.finish(waitingSeconds: 2)
        loop.holdingsFile.finish()
        logger.notice("the master ends; the table stays as it is")
    }
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
