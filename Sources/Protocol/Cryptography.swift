// All use of libsodium: X25519 key agreement (crypto_kx), BLAKE2b, random numbers.

internal import CSodium

/// The few cryptographic functions that the protocol is made of (PROTOCOL.md §2).
enum Cryptography {
    static let keyByteCount = 32
    static let tagByteCount = 16

    /// Lets libsodium pick the fastest code for this processor, once.
    private static let isReady = sodium_init() >= 0

    /// BLAKE2b with 16 bytes of output; without a key when `key` is empty.
    static func hash(_ message: [UInt8], key: [UInt8] = []) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: tagByteCount)
        let result = crypto_generichash(
            &output, output.count, message, UInt64(message.count), key, key.count)
        precondition(result == 0, "BLAKE2b refuses only sizes that are not ours")
        return output
    }

    /// Whether the last 16 bytes are the tag of all bytes before them; takes the same time for any.
    static func isAuthentic(_ datagram: RawSpan, key: [UInt8]) -> Bool {
        guard datagram.byteCount >= tagByteCount else { return false }
        let covered = datagram.byteCount - tagByteCount
        return datagram.withUnsafeBytes { datagram in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: tagByteCount) { right in
                guard let tag = right.baseAddress, let start = datagram.baseAddress else {
                    return false
                }
                let result = crypto_generichash(
                    tag, tagByteCount, start.assumingMemoryBound(to: UInt8.self), UInt64(covered),
                    key, key.count)
                return result == 0 && sodium_memcmp(tag, start + covered, tagByteCount) == 0
            }
        }
    }

    /// A new private key.
    static func randomKey() -> [UInt8] {
        precondition(isReady, "libsodium found no source of randomness")
        var key = [UInt8](repeating: 0, count: keyByteCount)
        randombytes_buf(&key, key.count)
        return key
    }

    /// A random number from 1 up.
    static func randomNonZero() -> UInt32 {
        precondition(isReady, "libsodium found no source of randomness")
        var number: UInt32 = 0
        while number == 0 { number = randombytes_random() }
        return number
    }

    /// The public key of a private one.
    static func publicKey(of secretKey: [UInt8]) -> [UInt8] {
        var publicKey = [UInt8](repeating: 0, count: keyByteCount)
        let result = crypto_scalarmult_base(&publicKey, secretKey)
        precondition(result == 0, "X25519 takes any 32 bytes for a private key")
        return publicKey
    }

    enum Side { case agent, master }

    /// The keys for receiving and sending on one side, or `nil` for a public key that X25519 refuses.
    static func sessionKeys(
        _ side: Side, publicKey: [UInt8], secretKey: [UInt8], peer: [UInt8]
    ) -> (receiving: [UInt8], sending: [UInt8])? {
        _ = isReady
        var receiving = [UInt8](repeating: 0, count: keyByteCount)
        var sending = receiving
        let result =
            switch side {
            case .agent:
                crypto_kx_client_session_keys(&receiving, &sending, publicKey, secretKey, peer)
            case .master:
                crypto_kx_server_session_keys(&receiving, &sending, publicKey, secretKey, peer)
            }
        return result == 0 ? (receiving, sending) : nil
    }
}
