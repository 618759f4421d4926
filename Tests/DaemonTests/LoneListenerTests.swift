// Asking the running kernel for one socket by its address, beside listing all of them.

import CLinux
import Testing

@testable import Daemon

/// Something that listens on a free port of this address until it is closed.
private final class Listener {
    let number: Int32
    let port: UInt16

    init(_ address: String) throws {
        let address = try #require(SocketAddress(host: address, port: 0))
        number = linux_socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        let number = number
        #expect(address.withKernelForm { linux_bind(number, $0, $1) } == 0)
        #expect(listen(number, 8) == 0)
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        #expect(linux_getsockname(number, &storage, &size) == 0)
        let bound = SocketAddress(kernelForm: storage)
        port = try #require(bound).port
    }

    func stop() { _ = close(number) }
}

@Test(arguments: ["127.0.0.1", "0.0.0.0", "::", "::1"])
func `a lone listener is found by its address, and missed when it is gone`(address: String) throws {
    let listener = try Listener(address)
    let sockets = try SockDiag()
    var listed: [TCPSocketFacts] = []
    try sockets.sockets(onPort: listener.port, .listen) { listed.append($0) }
    try #require(listed.count == 1)
    #expect(try sockets.listener(onPort: listener.port, like: listed[0]) == listed[0])
    listener.stop()
    #expect(try sockets.listener(onPort: listener.port, like: listed[0]) == nil)
    // The connection is still good for other questions.
    listed = []
    try sockets.sockets(onPort: listener.port, .listen) { listed.append($0) }
    #expect(listed.isEmpty)
}
