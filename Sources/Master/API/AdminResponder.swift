// The routes of the admin API, and what each of them answers.

internal import Hummingbird
internal import NIOCore
internal import Protocol
internal import Weighting

/// Answers every request with JSON.
struct AdminResponder: HTTPResponder {
    let snapshot: @Sendable () -> Snapshot?
    let check: @Sendable () async -> CheckAnswer

    private static let paths = [
        AdminAPI.snapshotPath, AdminAPI.checkPath, AdminAPI.versionPath,
    ]

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let path = request.uri.path
        guard Self.paths.contains(path) else {
            return refusal(
                .notFound, "there is no \(path); there are \(Self.paths.joined(separator: ", "))")
        }
        switch request.method {
        case .get: return await answer(path)
        case .head: return await answer(path).createHeadResponse()
        default:
            var response = refusal(
                .methodNotAllowed, "\(request.method) is not allowed on \(path); use GET")
            response.headers[.allow] = "GET, HEAD"
            return response
        }
    }

    private func answer(_ path: String) async -> Response {
        switch path {
        case AdminAPI.checkPath:
            return json(.ok, await check())
        case AdminAPI.versionPath:
            return json(.ok, AdminAPI.Version(version: Poise.version))
        default:
            guard let snapshot = snapshot() else {
                return refusal(
                    .serviceUnavailable,
                    "the first tick is still to come; ask again in a second")
            }
            return json(.ok, snapshot)
        }
    }

    private func refusal(_ status: HTTPResponse.Status, _ text: String) -> Response {
        json(status, AdminAPI.Refusal(error: text))
    }

    private func json(_ status: HTTPResponse.Status, _ value: some Encodable) -> Response {
        do {
            let bytes = try AdminJSON.bytes(value)
            return Response(
                status: status, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        } catch {
            // Only a number that JSON cannot hold gets here, and a refusal has none.
            return refusal(.internalServerError, "the answer cannot be written as JSON: \(error)")
        }
    }
}
