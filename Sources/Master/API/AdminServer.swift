// The admin API: HTTP on a unix socket, for people on this host. It reads and never writes.

internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
package import Weighting

/// Serves what it is given by closures, on one event loop.
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
    /// `snapshot` gives the newest one, or nothing before the first tick; `check` reads the
    /// configuration as a reload would, and changes nothing; `onListening` is called once, when the
    /// socket takes connections.
    package init(
        socketPath: String, snapshot: @escaping @Sendable () -> Snapshot?,
        check: @escaping @Sendable () async -> CheckAnswer, logger: Logger,
        onListening: @escaping @Sendable () async -> Void = {}
    ) {
        socket = SocketFile(path: socketPath)
        responder = AdminResponder(snapshot: snapshot, check: check)
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the service group shuts down.
    ///
    /// - Throws: ``SocketFileError`` when the socket's place is not free, or NIO's error when it
    ///   cannot be bound.
    package func run() async throws {
        try socket.makeRoom()
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let outcome: Result<Void, any Error>
        do {
            // Closing the socket removes its file.
            try await application(on: threads).run()
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await threads.shutdownGracefully()
        try outcome.get()
    }

    private func application(on threads: MultiThreadedEventLoopGroup) -> Application<AdminResponder>
    {
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
            eventLoopGroupProvider: .shared(threads), logger: quiet)
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
