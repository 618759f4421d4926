// How a check over TLS proves who the server is, and who it is itself.

internal import COpenSSL

package struct TLSSettings: Hashable, Sendable {
    /// Whether a certificate that nobody vouches for fails the check.
    package let isVerified: Bool
    /// A file with the certificates that vouch; `nil`: those of the system.
    package let authorities: String?
    /// Asked for, and looked for in the certificate; `nil` for a server that is known by its
    /// address only.
    package let serverName: String?
    /// Files with our own certificate, and its key.
    package let certificate: String?
    package let key: String?

    package init(
        isVerified: Bool = true, authorities: String? = nil, serverName: String? = nil,
        certificate: String? = nil, key: String? = nil
    ) {
        self.isVerified = isVerified
        self.authorities = authorities
        self.serverName = serverName
        self.certificate = certificate
        self.key = key
    }

    /// What is wrong with the files; nothing when they can be used.
    package func fault() -> TLSFault? {
        do throws(TLSFault) {
            _ = try TLSContext(self)
            return nil
        } catch {
            return error
        }
    }
}

/// Why TLS is not to be had with such settings.
package struct TLSFault: Error, Equatable {
    package enum Part: Equatable, Sendable { case library, authorities, certificate, key }

    package let part: Part
    package let message: String
}

/// What all sessions with the same settings share; the files are read once.
final class TLSContext {
    let pointer: OpaquePointer
    let settings: TLSSettings

    init(_ settings: TLSSettings) throws(TLSFault) {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(TLS_client_method()) else {
            throw TLSFault(part: .library, message: Self.reason("OpenSSL does not start"))
        }
        self.pointer = pointer
        self.settings = settings
        openssl_prepare(pointer)
        if let certificate = settings.certificate {
            guard SSL_CTX_use_certificate_chain_file(pointer, certificate) == 1 else {
                throw TLSFault(
                    part: .certificate, message: Self.reason("\(certificate) cannot be used"))
            }
        }
        if let key = settings.key {
            guard openssl_use_key(pointer, key) == 1, SSL_CTX_check_private_key(pointer) == 1 else {
                throw TLSFault(part: .key, message: Self.reason("\(key) cannot be used"))
            }
        }
        guard settings.isVerified else { return }
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        let isLoaded =
            settings.authorities.map { SSL_CTX_load_verify_file(pointer, $0) }
            ?? SSL_CTX_set_default_verify_paths(pointer)
        guard isLoaded == 1 else {
            let path = settings.authorities ?? "the system's certificates"
            throw TLSFault(part: .authorities, message: Self.reason("\(path) cannot be used"))
        }
    }

    deinit { SSL_CTX_free(pointer) }

    static func reason(_ what: String) -> String {
        openssl_reason().map { "\(what): \(String(cString: $0))" } ?? what
    }
}
