// Keys as people copy them: a prefix that says which kind, base32, and a checksum.

/// What is wrong with the text of a key.
///
/// It never repeats the text, which may be a private key.
package enum KeyTextError: Error, Equatable, Sendable {
    case notAKey(wanted: KeyKind)
    case wrongKind(found: KeyKind, wanted: KeyKind)
    /// `position` counts bytes of the text from 1.
    case badCharacter(UInt8, position: Int)
    case wrongLength(found: Int, wanted: Int)
    case checksum
}

/// The two kinds of keys.
package enum KeyKind: Sendable {
    case secret
    case `public`

    /// What the text of such a key begins with.
    package var prefix: String {
        switch self {
        case .secret: "poise-sk1-"
        case .public: "poise-pk1-"
        }
    }

    var name: String {
        switch self {
        case .secret: "private key"
        case .public: "public key"
        }
    }
}

/// The text form of PROTOCOL.md §2.1: prefix, then 32 bytes of key and 3 of CRC-24 in base32.
enum KeyText {
    private static let digits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    private static let digitCount = 56
    private static let checksumByteCount = 3

    static func encode(_ key: [UInt8], as kind: KeyKind) -> String {
        let checksum = checksum(of: key, as: kind)
        let bytes =
            key + [UInt8(checksum >> 16), UInt8(checksum >> 8 & 0xFF), UInt8(checksum & 0xFF)]
        var text = Array(kind.prefix.utf8)
        var pending: UInt32 = 0
        var pendingBits = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            pendingBits += 8
            while pendingBits >= 5 {
                pendingBits -= 5
                text.append(digits[Int(pending >> UInt32(pendingBits) & 31)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String, as kind: KeyKind) throws(KeyTextError) -> [UInt8] {
        let text = trimmed(Array(text.utf8))
        let other: KeyKind = kind == .secret ? .public : .secret
        if text.starts(with: other.prefix.utf8) { throw .wrongKind(found: other, wanted: kind) }
        let prefix = Array(kind.prefix.utf8)
        guard text.starts(with: prefix) else { throw .notAKey(wanted: kind) }

        var bytes: [UInt8] = []
        var pending: UInt32 = 0
        var pendingBits = 0
        for (index, character) in text.enumerated().dropFirst(prefix.count) {
            guard let digit = digits.firstIndex(of: character) else {
                throw .badCharacter(character, position: index + 1)
            }
            pending = pending << 5 | UInt32(digit)
            pendingBits += 5
            if pendingBits >= 8 {
                pendingBits -= 8
                bytes.append(UInt8(pending >> UInt32(pendingBits) & 0xFF))
            }
        }
        guard text.count == prefix.count + digitCount else {
            throw .wrongLength(found: text.count, wanted: prefix.count + digitCount)
        }
        let key = Array(bytes.dropLast(checksumByteCount))
        let checksum = bytes.suffix(checksumByteCount).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard checksum == self.checksum(of: key, as: kind) else { throw .checksum }
        return key
    }

    /// CRC-24 of RFC 4880 §6.1 over prefix and key.
    ///
    /// A CRC finds every error within 24 neighbouring bits, so any one wrong character and any two
    /// neighbours that changed places are always seen, not only almost always as with a hash.
    private static func checksum(of key: [UInt8], as kind: KeyKind) -> UInt32 {
        var register: UInt32 = 0xB704CE
        for byte in Array(kind.prefix.utf8) + key {
            register ^= UInt32(byte) << 16
            for _ in 0..<8 {
                register <<= 1
                if register & 0x100_0000 != 0 { register ^= 0x186_4CFB }
            }
        }
        return register
    }

    private static func trimmed(_ text: [UInt8]) -> ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let first = text.firstIndex(where: { !isSpace($0) }),
            let last = text.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return text[first...last]
    }
}

extension KeyTextError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAKey(let wanted):
            "This is no \(wanted.name): one begins with \(wanted.prefix) and has 56 more characters. "
                + "Copy the whole line that `poise-agent keygen` printed."
        case .wrongKind(let found, let wanted):
            "This is a \(found.name) (\(found.prefix)…) where a \(wanted.name) (\(wanted.prefix)…) "
                + "belongs."
                + (found == .secret
                    ? " A private key stays on its own host: if this one was copied here from another, "
                        + "make a new pair there." : "")
        case .badCharacter(let character, let position):
            "\(KeyTextError.shown(character)) at position \(position) is not in a key's alphabet "
                + "(a to z, 2 to 7). Copy the key again."
        case .wrongLength(let found, let wanted):
            "The key has \(found) characters instead of \(wanted): "
                + (found < wanted ? "the end is missing" : "there is something after its end")
                + ". Copy the key again."
        case .checksum:
            "The key's checksum does not match: a character changed. Copy the key again."
        }
    }

    private static func shown(_ character: UInt8) -> String {
        guard (0x21...0x7E).contains(character) else { return "The byte \(character)" }
        return "The character \(String(decoding: [character], as: UTF8.self))"
    }
}
