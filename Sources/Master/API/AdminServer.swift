// The admin API: HTTP on a unix socket, for people on this host.

internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceLifecycle
package import Weighting

/// Serves what it is given by closures.
package struct AdminServer: Service {
    private let socket: SocketFile
    private let responder: AdminResponder
    private let logger: Logger
    private let onListening: @Sendable () async -> Void

    /// A person and a few programs; more than these wait.
    private static let connectionLimit = 64
    private static let idleTimeout = TimeAmount.seconds(30)

    /// Takes what it serves as closures, called at each request.
    ///
    /// `snapshot` gives what there is to show, or nothing before the first tick; `check` reads the
    /// configuration as a reload would, and changes nothing; `plan` says what a reload would change;
    /// `reload` has the configuration read again; `happenings` gives what happened after the one with
    /// a number; `export` reads the configuration for `ipvsadm -R`; `orders` does what people order;
    /// `onListening` is called once, when the socket takes connections. Whoever asks a master that is ending gets nothing.
    package init(
        socketPath: String, snapshot: @escaping @Sendable () async -> Snapshot?,
        check: @escaping @Sendable () async -> CheckAnswer,
        plan: @escaping @Sendable () async -> AdminAPI.Proposal?,
        reload: @escaping @Sendable (_ confirm: String?) async -> AdminAPI.Reload?,
        happenings: @escaping @Sendable (_ after: UInt64) async -> [HappeningRing.Entry]?,
        export: @escaping @Sendable () async -> AdminAPI.Export,
        orders: OrderDesk, logger: Logger,
        onListening: @escaping @Sendable () async -> Void = {}
    ) {
        socket = SocketFile(path: socketPath)
        responder = AdminResponder(
            snapshot: snapshot, check: check, plan: plan, reload: reload,
            happenings: happenings, export: export, orders: orders)
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the service group shuts down.
    ///
    /// - Throws: ``SocketFileError`` when the socket's place is not free, or NIO's error when it
    ///   cannot be bound.
    package func run() async throws {
        try socket.makeRoom()
        // Closing the socket removes its file.
        try await application.run()
    }

    /// The server on the process's own event loops: a connection that ends last still needs its
    /// loop after the server's end.
    private var application: Application<AdminResponder> {
        // The server's own lines are about its insides.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return Application(
            responder: responder,
            server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: socket.path),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit)),
            onServerRunning: { _ in await listening() },
            eventLoopGroupProvider: .singleton, logger: quiet)
    }

    private func listening() async {
        do {
            try socket.setMode()
            logger.info("the admin API listens", metadata: ["socket": "\(socket.path)"])
        } catch {
            logger.error("\(error)")
        }
        await onListening()
    }
}
