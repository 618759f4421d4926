// The routes of the admin API, and what each of them answers.

internal import Daemon
internal import FoundationEssentials
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Protocol
internal import Weighting

/// Answers every request with JSON.
struct AdminResponder: HTTPResponder {
    let snapshot: @Sendable () async -> Snapshot?
    let check: @Sendable () async -> CheckAnswer
    let plan: @Sendable () async -> AdminAPI.Proposal?
    let reload: @Sendable (_ confirm: String?) async -> AdminAPI.Reload?
    let happenings: @Sendable (_ after: UInt64) async -> [HappeningRing.Entry]?
    let export: @Sendable () async -> AdminAPI.Export
    let orders: OrderDesk

    private let startUnixMilliseconds = WallClock.unixNanoseconds() / 1_000_000

    /// What each path is for; the order of the list in a refusal.
    private static let paths: [(path: String, methods: [AdminAPI.Method])] = [
        (AdminAPI.snapshotPath, [.get]), (AdminAPI.checkPath, [.get]),
        (AdminAPI.planPath, [.get]),
        (AdminAPI.versionPath, [.get]), (AdminAPI.reloadPath, [.post]),
        (AdminAPI.happeningsPath, [.get]), (AdminAPI.ordersPath, [.get, .post]),
        (AdminAPI.endPath, [.post]), (AdminAPI.exportPath, [.get]),
    ]

    func respond(to request: Request, context: AdminContext) async throws -> Response {
        let path = request.uri.path
        guard let methods = Self.paths.first(where: { $0.path == path })?.methods else {
            let known = Self.paths.map(\.path).joined(separator: ", ")
            return refusal(.notFound, "there is no \(path); there are \(known)")
        }
        // The socket's mode says who may ask, for reading and for this alike.
        switch request.method {
        case .post where methods.contains(.post): return await post(request, context)
        case .get where methods.contains(.get): return await answer(path, request.uri)
        case .head where methods.contains(.get):
            return await answer(path, request.uri).createHeadResponse()
        default:
            let names = methods.map(\.rawValue).joined(separator: ", ")
            var response = refusal(
                .methodNotAllowed, "\(request.method) is not allowed on \(path); use \(names)")
            response.headers[.allow] =
                methods.contains(.get) ? names.replacing("GET", with: "GET, HEAD") : names
            return response
        }
    }

    private func post(_ request: Request, _ context: AdminContext) async -> Response {
        switch request.uri.path {
        case AdminAPI.ordersPath:
            await act(request, context) {
                (wanted: AdminAPI.OrderRequest, peer) async throws(OrderRefusal) in
                try await orders.give(wanted, .peer(peer, asker: wanted.asker))
            }
        case AdminAPI.endPath:
            await act(request, context) {
                (wanted: AdminAPI.EndRequest, peer) async throws(OrderRefusal) in
                try await orders.end(wanted, .peer(peer, asker: wanted.asker))
            }
        default: await answerReload(request)
        }
    }

    /// Reads what is wanted, and has it done for who asks.
    private func act<Wanted: Decodable, Answer: Encodable>(
        _ request: Request, _ context: AdminContext,
        _ act: (Wanted, Peer?) async throws(OrderRefusal) -> Answer
    ) async -> Response {
        let wanted: Wanted
        do {
            let body = try await request.body.collect(upTo: AdminAPI.requestLimit)
            wanted = try JSONDecoder().decode(Wanted.self, from: Data(body.readableBytesView))
        } catch {
            return refusal(.badRequest, "the request cannot be read: \(error)")
        }
        do throws(OrderRefusal) {
            return json(.ok, try await act(wanted, Peer.of(context.channel)))
        } catch {
            return refusal(error.kind.status, error.text)
        }
    }

    private func answerReload(_ request: Request) async -> Response {
        var wanted = AdminAPI.ReloadRequest()
        do {
            let body = try await request.body.collect(upTo: AdminAPI.requestLimit)
            if body.readableBytes > 0 {
                wanted = try JSONDecoder().decode(
                    AdminAPI.ReloadRequest.self, from: Data(body.readableBytesView))
            }
        } catch {
            return refusal(.badRequest, "the request cannot be read: \(error)")
        }
        guard let answer = await reload(wanted.confirm) else { return ending }
        return json(.ok, answer)
    }

    private var ending: Response { refusal(.serviceUnavailable, "the master is ending") }

    private func answer(_ path: String, _ uri: URI) async -> Response {
        switch path {
        case AdminAPI.happeningsPath:
            return await answerHappenings(uri.queryParameters[Substring(AdminAPI.afterKey)])
        case AdminAPI.checkPath:
            return json(.ok, await check())
        case AdminAPI.ordersPath:
            let all = uri.queryParameters[Substring(AdminAPI.allKey)] == "1"
            do throws(OrderRefusal) {
                return json(.ok, try await orders.list(all))
            } catch {
                return refusal(error.kind.status, error.text)
            }
        case AdminAPI.planPath:
            guard let answer = await plan() else { return ending }
            return json(.ok, answer)
        case AdminAPI.exportPath:
            return json(.ok, await export())
        case AdminAPI.versionPath:
            return json(.ok, AdminAPI.Version(version: Poise.version))
        default:
            guard let snapshot = await snapshot() else {
                return refusal(
                    .serviceUnavailable,
                    "the first tick is still to come; ask again in a second")
            }
            return json(.ok) { try AdminJSON.buffer(snapshot: snapshot) }
        }
    }

    private func answerHappenings(_ after: Substring?) async -> Response {
        guard let number = UInt64(after ?? "0") else {
            return refusal(.badRequest, "\(AdminAPI.afterKey) takes the number of an event")
        }
        guard let entries = await happenings(number) else { return ending }
        return json(
            .ok,
            AdminAPI.Happenings(
                events: entries, startUnixMilliseconds: startUnixMilliseconds))
    }

    private func refusal(_ status: HTTPResponse.Status, _ text: String) -> Response {
        json(status, AdminAPI.Refusal(error: text))
    }

    private func json(_ status: HTTPResponse.Status, _ value: some Encodable) -> Response {
        json(status) { try AdminJSON.buffer(value) }
    }

    private func json(_ status: HTTPResponse.Status, _ buffer: () throws -> ByteBuffer) -> Response
    {
        do {
            return Response(
                status: status, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: try buffer()))
        } catch {
            // Only a number that JSON cannot hold gets here, and a refusal has none.
            return refusal(.internalServerError, "the answer cannot be written as JSON: \(error)")
        }
    }
}

extension OrderRefusal.Kind {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .malformed: .badRequest
        case .unknown: .notFound
        case .unsafe: .conflict
        case .notAllowed: .forbidden
        case .unavailable: .serviceUnavailable
        }
    }
}
