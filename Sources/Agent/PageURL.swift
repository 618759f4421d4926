// Where a metrics page is.

internal import Daemon
internal import Protocol

/// An http URL with a numeric address; names would need a resolver, and a static program has none.
struct PageURL: Hashable {
    let address: SocketAddress
    /// With its leading slash.
    let path: String
    /// As it was written, for messages.
    let text: String
    /// The one request that is ever sent there; the connection is kept as long as the server does.
    let request: [UInt8]

    init?(_ text: String) {
        let scheme = "http://"
        guard text.hasPrefix(scheme), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        let rest = text.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let place = String(rest[..<slash])
        // Port 80 is what the scheme means when it says none.
        guard let address = SocketAddress(place) ?? SocketAddress(place + ":80"), address.port > 0
        else { return nil }
        self.address = address
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
        self.text = text
        request = Array(
            """
            GET \(path) HTTP/1.1\r\nHost: \(address)\r\nUser-Agent: poise-agent/\(Poise.version)\r\n\
            Accept: text/plain;version=0.0.4\r\n\r\n
            """.utf8)
    }
}
