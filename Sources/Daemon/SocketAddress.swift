// A numeric IP address with a port: its text form, and the form the kernel takes.

internal import CLinux

/// An address and port, as in `10.0.0.1:7817` and `[fd00::1]:7817`; names are not looked up.
package struct SocketAddress: Hashable, Sendable {
    /// 4 or 16 bytes in network order.
    package let bytes: [UInt8]
    package let port: UInt16

    /// Reads the numeric text form; `nil` for everything else.
    package init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
            case let digits = text[text.index(after: colon)...],
            // A sign would be read as a part of the number.
            digits.utf8.first.map({ (0x30...0x39).contains($0) }) ?? false,
            let port = UInt16(digits)
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
            self.init(host: String(host.dropFirst().dropLast()), port: port)
            guard bytes.count == 16 else { return nil }
        } else {
            self.init(host: String(host), port: port)
            guard bytes.count == 4 else { return nil }
        }
    }

    /// Reads a numeric address without brackets; `nil` for everything else.
    package init?(host: String, port: UInt16) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, host, &bytes) == 1 {
            bytes.removeLast(12)
        } else if inet_pton(AF_INET6, host, &bytes) != 1 {
            return nil
        }
        self.bytes = bytes
        self.port = port
    }

    /// Any address of this machine, for a socket that listens on IPv6 and IPv4.
    package static func any(port: UInt16) -> SocketAddress {
        SocketAddress(bytes: [UInt8](repeating: 0, count: 16), port: port)
    }

    init(bytes: [UInt8], port: UInt16) {
        self.bytes = bytes
        self.port = port
    }

    package var isIPv6: Bool { bytes.count == 16 }
    var family: Int32 { isIPv6 ? AF_INET6 : AF_INET }

    /// The address without the port, as in `fd00::1`.
    package var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return text.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return "?" }
            return String(cString: start)
        }
    }

    /// Calls `body` with the form that the kernel takes.
    func withKernelForm<Result>(
        _ body: (UnsafePointer<sockaddr_storage>, socklen_t) -> Result
    ) -> Result {
        var storage = sockaddr_storage()
        let size = withUnsafeMutableBytes(of: &storage) { raw in
            if isIPv6 {
                var form = sockaddr_in6()
                form.sin6_family = sa_family_t(AF_INET6)
                form.sin6_port = port.bigEndian
                withUnsafeMutableBytes(of: &form.sin6_addr) { $0.copyBytes(from: bytes) }
                withUnsafeBytes(of: form) { raw.copyMemory(from: $0) }
                return MemoryLayout<sockaddr_in6>.size
            }
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &form.sin_addr) { $0.copyBytes(from: bytes) }
            withUnsafeBytes(of: form) { raw.copyMemory(from: $0) }
            return MemoryLayout<sockaddr_in>.size
        }
        return body(&storage, socklen_t(size))
    }

    /// The address that the kernel wrote; `nil` for another family.
    init?(kernelForm storage: sockaddr_storage) {
        let port = withUnsafeBytes(of: storage) { raw in
            UInt16(bigEndian: raw.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        }
        let bytes: [UInt8]? = withUnsafeBytes(of: storage) { raw in
            switch Int32(storage.ss_family) {
            case AF_INET: [UInt8](raw[4..<8])
            case AF_INET6: [UInt8](raw[8..<24])
            default: nil
            }
        }
        guard let bytes else { return nil }
        self.init(bytes: bytes, port: port)
    }
}

extension SocketAddress: CustomStringConvertible {
    package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
