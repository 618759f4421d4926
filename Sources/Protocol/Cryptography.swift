// All use of libsodium: X25519 key agreement (crypto_kx), BLAKE2b, SipHash, random numbers.

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
    ///
    /// Allocates nothing.
    static func isAuthentic(_ datagram: RawSpan, key: RawSpan) -> Bool {
        guard datagram.byteCount >= tagByteCount else { return false }
        let covered = datagram.byteCount - tagByteCount
        return datagram.withUnsafeBytes { datagram in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: tagByteCount) { right in
                guard let tag = right.baseAddress, let start = datagram.baseAddress else {
                    return false
                }
                return writeTag(tag, over: start, covered, key)
                    && sodium_memcmp(tag, start + covered, tagByteCount) == 0
            }
        }
    }

    /// Writes the tag of the first `covered` bytes behind them; the array has room for it.
    static func writeTag(over covered: Int, of datagram: inout [UInt8], key: RawSpan) {
        precondition(datagram.count >= covered + tagByteCount)
        datagram.withUnsafeMutableBufferPointer { datagram in
            guard let start = datagram.baseAddress else { return }
            let isWritten = writeTag(start + covered, over: start, covered, key)
            precondition(isWritten, "BLAKE2b refuses only sizes that are not ours")
        }
    }

    private static func writeTag(
        _ tag: UnsafeMutablePointer<UInt8>, over start: UnsafeRawPointer, _ count: Int,
        _ key: RawSpan
    ) -> Bool {
        key.withUnsafeBytes { key in
            crypto_generichash(
                tag, tagByteCount, start.assumingMemoryBound(to: UInt8.self), UInt64(count),
                key.baseAddress?.assumingMemoryBound(to: UInt8.self), key.count) == 0
        }
    }

    /// SipHash-2-4 of 24 bytes, which are these numbers as this processor keeps them.
    ///
    /// Only the process that made such a number reads it again. Allocates nothing.
    static func shortHash(
        _ first: UInt64, _ second: UInt64, _ third: UInt64, key: (UInt64, UInt64)
    ) -> UInt64 {
        var output: UInt64 = 0
        withUnsafeBytes(of: (first, second, third)) { message in
            withUnsafeBytes(of: key) { key in
                withUnsafeMutableBytes(of: &output) { output in
                    guard let to = output.bindMemory(to: UInt8.self).baseAddress,
                        let from = message.bindMemory(to: UInt8.self).baseAddress,
                        let with = key.bindMemory(to: UInt8.self).baseAddress
                    else { return }
                    _ = crypto_shorthash(to, from, UInt64(message.count), with)
                }
            }
        }
        return output
    }

    /// A new private key.
    static func randomKey() -> [UInt8] {
        precondition(isReady, "libsodium found no source of randomness")
        var key = [UInt8](repeating: 0, count: keyByteCount)
        randombytes_buf(&key, key.count)
        return key
    }

    /// 64 bits that nobody can guess.
    static func randomWord() -> UInt64 {
        precondition(isReady, "libsodium found no source of randomness")
        var number: UInt64 = 0
        randombytes_buf(&number, MemoryLayout<UInt64>.size)
        return number
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
