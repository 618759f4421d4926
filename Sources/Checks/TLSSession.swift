// TLS over a socket that never blocks.

internal import COpenSSL
internal import Daemon

/// One session as a client; it does not own the socket.
final class TLSSession {
    enum Progress: Equatable {
        case done
        case needs(Readiness)
        case failed(String)
    }

    enum Received: Equatable {
        case bytes(Int)
        case nothing
        case end
        case failed(String)
    }

    private let session: OpaquePointer
    // A session lives within its context.
    private let context: TLSContext

    /// `nil` when memory is short, or the name is none.
    init?(_ context: TLSContext, on socket: Int32, target: SocketAddress) {
        guard let session = SSL_new(context.pointer) else { return nil }
        self.session = session
        self.context = context
        let settings = context.settings
        guard SSL_set_fd(session, socket) == 1 else { return nil }
        if let name = settings.serverName {
            guard openssl_set_server_name(session, name) == 1 else { return nil }
        }
        guard settings.isVerified else { return }
        let isKnown =
            settings.serverName.map { SSL_set1_host(session, $0) }
            ?? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), target.host)
        guard isKnown == 1 else { return nil }
    }

    deinit { SSL_free(session) }

    func shakeHands() -> Progress {
        ERR_clear_error()
        return progress(of: SSL_connect(session))
    }

    /// Sends what fits now; 0 when nothing does.
    func send(_ bytes: UnsafeRawBufferPointer) -> (count: Int, failure: String?) {
        ERR_clear_error()
        let count = SSL_write(session, bytes.baseAddress, Int32(clamping: bytes.count))
        if count > 0 { return (Int(count), nil) }
        guard case .failed(let text) = progress(of: count) else { return (0, nil) }
        return (0, text)
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        ERR_clear_error()
        let count = SSL_read(session, buffer.baseAddress, Int32(clamping: buffer.count))
        if count > 0 { return .bytes(Int(count)) }
        if SSL_get_error(session, count) == SSL_ERROR_ZERO_RETURN { return .end }
        guard case .failed(let text) = progress(of: count) else { return .nothing }
        return .failed(text)
    }

    private func progress(of result: Int32) -> Progress {
        if result > 0 { return .done }
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return .needs(.read)
        case SSL_ERROR_WANT_WRITE: return .needs(.write)
        default: return .failed(failure)
        }
    }

    private var failure: String {
        let verdict = SSL_get_verify_result(session)
        if verdict != Int(X509_V_OK), context.settings.isVerified {
            let reason = X509_verify_cert_error_string(verdict).map { String(cString: $0) }
            return "TLS: \(reason ?? "the certificate is not good")"
        }
        return TLSContext.reason("TLS")
    }
}
