// Asks the master over its unix socket.

internal import AsyncHTTPClient
internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import Weighting

/// The master behind one socket, as the subcommands see it.
struct Master {
    let socket: String
    let fetch: Fetch

    func snapshot() async throws(Failure) -> Snapshot {
        let snapshot = try await ask(AdminAPI.snapshotPath, as: Snapshot.self)
        guard snapshot.format <= Snapshot.currentFormat else {
            throw .newerFormat(snapshot.format)
        }
        return snapshot
    }

    func check() async throws(Failure) -> CheckAnswer {
        try await ask(AdminAPI.checkPath, as: CheckAnswer.self)
    }

    /// The services of the master's files, for ipvsadm.
    func export() async throws(Failure) -> AdminAPI.Export {
        try await ask(AdminAPI.exportPath, as: AdminAPI.Export.self)
    }

    func version() async throws(Failure) -> String {
        try await ask(AdminAPI.versionPath, as: AdminAPI.Version.self).version
    }

    /// What happened after the event with that number, the oldest first.
    func happenings(after number: UInt64) async throws(Failure) -> AdminAPI.Happenings {
        let path = "\(AdminAPI.happeningsPath)?\(AdminAPI.afterKey)=\(number)"
        return try await ask(path, as: AdminAPI.Happenings.self)
    }

    /// Has the master read its configuration again; `confirm` is the hash of a change that is meant,
    /// though it takes out much.
    func reload(confirm: String? = nil) async throws(Failure) -> AdminAPI.Reload {
        let body = try Self.bytes(AdminAPI.ReloadRequest(confirm: confirm))
        return try await ask(
            AdminAPI.reloadPath, by: .post, body: body, as: AdminAPI.Reload.self)
    }

    /// What a reload would change.
    func proposal() async throws(Failure) -> AdminAPI.Proposal {
        try await ask(AdminAPI.planPath, as: AdminAPI.Proposal.self)
    }

    /// Gives an order; it is durable when this returns.
    func order(_ request: AdminAPI.OrderRequest) async throws(Failure) -> AdminAPI.OrderAnswer {
        try await ask(
            AdminAPI.ordersPath, by: .post, body: try Self.bytes(request),
            as: AdminAPI.OrderAnswer.self)
    }

    /// Ends orders; those that ended.
    func endOrders(_ request: AdminAPI.EndRequest) async throws(Failure) -> AdminAPI.Orders {
        try await ask(
            AdminAPI.endPath, by: .post, body: try Self.bytes(request), as: AdminAPI.Orders.self)
    }

    func orders(all: Bool) async throws(Failure) -> AdminAPI.Orders {
        let path = AdminAPI.ordersPath + (all ? "?\(AdminAPI.allKey)=1" : "")
        return try await ask(path, as: AdminAPI.Orders.self)
    }

    private static func bytes(_ value: some Encodable) throws(Failure) -> [UInt8] {
        Array(try JSON.text(value, isPretty: false).utf8)
    }

    private func ask<Answer: Decodable>(
        _ path: String, by method: AdminAPI.Method = .get, body: [UInt8] = [],
        as type: Answer.Type
    ) async throws(Failure) -> Answer {
        let bytes = try await fetch(socket, method, path, body)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .unreadable(socket: socket, path: path, "\(error)")
        }
    }
}

enum MasterClient {
    private static let timeout = TimeAmount.seconds(5)
    /// Ten thousand members take about a fifth of this.
    private static let answerLimit = 64 << 20

    /// The body of a successful answer.
    @Sendable static func fetch(
        socket: String, method: AdminAPI.Method = .get, path: String, body: [UInt8] = []
    ) async throws(Failure) -> [UInt8] {
        guard !socket.isEmpty, socket.utf8.count <= AdminAPI.socketPathLimit else {
            throw .unreachable(socket: socket, .badPath)
        }
        var configuration = HTTPClient.Configuration(
            timeout: .init(connect: timeout, read: timeout))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(configuration: configuration)
        let result: Result<(Int, [UInt8]), any Error>
        do {
            let url = "http+unix://\(percentEncoded(socket))\(path)"
            var request = HTTPClientRequest(url: url)
            request.method = method == .post ? .POST : .GET
            if !body.isEmpty {
                request.headers.add(name: "content-type", value: "application/json")
                request.body = .bytes(body)
            }
            let response = try await client.execute(request, timeout: timeout)
            let body = try await response.body.collect(upTo: answerLimit)
            result = .success((Int(response.status.code), Array(body.readableBytesView)))
        } catch {
            result = .failure(error)
        }
        try? await client.shutdown()

        switch result {
        case .failure(let error):
            throw .unreachable(socket: socket, reason(error))
        case .success((200, let body)):
            return body
        case .success((let status, let body)):
            let refusal = try? JSONDecoder().decode(AdminAPI.Refusal.self, from: Data(body))
            throw .refused(
                socket: socket, path: path, status: status,
                text: refusal?.error ?? "no reason was given")
        }
    }

    static func reason(_ error: any Error) -> Failure.Reason {
        if let error = error as? HTTPClientError,
            [.deadlineExceeded, .readTimeout, .connectTimeout].contains(error)
        {
            return .tooLate(seconds: timeout.nanoseconds / 1_000_000_000)
        }
        switch (error as? IOError)?.errnoCode {
        case ENOENT: return .noSuchFile
        case EACCES, EPERM: return .notAllowed
        case ECONNREFUSED: return .nobodyListens
        default: return .other("\(error)")
        }
    }

    /// The socket's path as the host of a URL.
    private static func percentEncoded(_ path: String) -> String {
        path.utf8.map { byte in
            let scalar = UnicodeScalar(byte)
            let isPlain =
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                || ("0"..."9").contains(scalar) || scalar == "." || scalar == "-" || scalar == "_"
            let hex = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(scalar) : "%\(hex.count == 1 ? "0" : "")\(hex)"
        }.joined()
    }
}
