// The way back of a datagram that came, for who wants to send there later.

internal import CLinux

/// Where a datagram came from, and which address of this host it went to; nothing in it is counted
/// by reference.
package struct ReturnPath {
    var form = linux_path()

    /// Leads nowhere yet.
    package init() {}
}

extension UDPSocket {
    /// Sends one datagram to where another came from, from the address that it went to.
    ///
    /// False when the kernel did not take it, which is lost then as any datagram may be.
    package func send(_ bytes: UnsafeRawBufferPointer, back path: ReturnPath) -> Bool {
        withUnsafePointer(to: path.form) {
            linux_send_back($0, number, bytes.baseAddress, bytes.count)
        } == bytes.count
    }
}
