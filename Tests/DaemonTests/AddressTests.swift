// The text form of addresses.

import Daemon
import Testing

@Test(arguments: ["10.0.0.1:7817", "[fd00::1]:7817", "[::]:0", "255.255.255.255:65535"])
func `an address is written as it was read`(text: String) {
    #expect(SocketAddress(text)?.description == text)
}

@Test(arguments: [
    "", ":", "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1:+80", "[::1]:+80",
    "10.0.0:80", "fd00::1:80",
    "[10.0.0.1]:80", "[]:80", "[fd00::1]", "localhost:80", "10.0.0.1:80 ", " 10.0.0.1:80",
])
func `anything but a numeric address with a port is refused`(text: String) {
    #expect(SocketAddress(text) == nil)
}
