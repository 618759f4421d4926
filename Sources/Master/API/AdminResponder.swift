// The routes of the admin API, and what each of them answers.

internal import Daemon
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Protocol
internal import Weighting

/// Answers every request with JSON.
struct AdminResponder: HTTPResponder {
    let snapshot: @Sendable () async -> Snapshot?
    let check: @Sendable () async -> CheckAnswer
    let reload: @Sendable () async -> AdminAPI.Reload?
    let happenings: @Sendable (_ after: UInt64) async -> [HappeningRing.Entry]?
    let export: @Sendable () async -> AdminAPI.Export

    private let startUnixMilliseconds = WallClock.unixNanoseconds() / 1_000_000

    private static let paths = [
        AdminAPI.snapshotPath, AdminAPI.checkPath, AdminAPI.versionPath, AdminAPI.reloadPath,
        AdminAPI.happeningsPath, AdminAPI.exportPath,
    ]

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let path = request.uri.path
        guard Self.paths.contains(path) else {
            return refusal(
                .notFound, "there is no \(path); there are \(Self.paths.joined(separator: ", "))")
        }
        // The socket's mode says who may ask, for reading and for this alike.
        let isReload = path == AdminAPI.reloadPath
        switch request.method {
        case .post where isReload: return await answerReload()
        case .get where !isReload: return await answer(path, request.uri)
        case .head where !isReload: return await answer(path, request.uri).createHeadResponse()
        default:
            let use = isReload ? "POST" : "GET"
            var response = refusal(
                .methodNotAllowed, "\(request.method) is not allowed on \(path); use \(use)")
            response.headers[.allow] = isReload ? "POST" : "GET, HEAD"
            return response
        }
    }

    private func answerReload() async -> Response {
        guard let answer = await reload() else {
            return refusal(.serviceUnavailable, "the master is ending")
        }
        return json(.ok, answer)
    }

    private func answer(_ path: String, _ uri: URI) async -> Response {
        switch path {
        case AdminAPI.happeningsPath:
            return await answerHappenings(uri.queryParameters[Substring(AdminAPI.afterKey)])
        case AdminAPI.checkPath:
            return json(.ok, await check())
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
        guard let entries = await happenings(number) else {
            return refusal(.serviceUnavailable, "the master is ending")
        }
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
