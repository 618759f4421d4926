// Tells the service manager how the process is doing: one datagram, as sd_notify(3) describes.

internal import CLinux

/// What the service manager gave this process, and what the process tells it.
///
/// Outside a service manager every message is quietly left out.
package struct Notify: Sendable {
    private let path: String?
    /// How often the manager wants a sign of life, in nanoseconds; send at least twice as often.
    package let watchdogNanoseconds: Int64?

    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    package init(environment: (String) -> String?, processID: Int32) {
        let path = environment("NOTIFY_SOCKET") ?? ""
        self.path = path.hasPrefix("/") || path.hasPrefix("@") ? path : nil
        let pid = environment("WATCHDOG_PID")
        if let text = environment("WATCHDOG_USEC"), let microseconds = Int64(text),
            (1...Int64.max / 1_000).contains(microseconds), pid == nil || pid == "\(processID)"
        {
            watchdogNanoseconds = microseconds * 1_000
        } else {
            watchdogNanoseconds = nil
        }
    }

    /// The manager of this process.
    package init() {
        self.init(
            environment: { name in getenv(name).map { String(cString: $0) } }, processID: getpid())
    }

    package func ready(status: String) { send("READY=1\nSTATUS=\(status)") }
    package func status(_ text: String) { send("STATUS=\(text)") }
    package func alive() { send("WATCHDOG=1") }
    package func stopping(status: String) { send("STOPPING=1\nSTATUS=\(status)") }

    private func send(_ message: String) {
        guard let path else { return }
        var address = sockaddr_storage()
        guard let size = Self.fill(&address, path: path) else { return }
        guard
            let socket = try? Descriptor(
                linux_socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0), "open a socket")
        else { return }
        var message = message
        // A manager that does not listen is no reason to stop.
        _ = message.withUTF8 {
            linux_sendto(socket.number, $0.baseAddress, $0.count, &address, size)
        }
    }

    /// The socket's address; a leading @ stands for the zero byte of the abstract names.
    static func fill(_ address: inout sockaddr_storage, path: String) -> socklen_t? {
        var name = [UInt8](path.utf8)
        // The path is what the structure ends with.
        let room = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        let offset = MemoryLayout<sockaddr_un>.size - room
        guard name.count < room else { return nil }
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        address.ss_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address) { raw in
            for (index, byte) in name.enumerated() { raw[offset + index] = byte }
        }
        return socklen_t(offset + name.count)
    }
}
