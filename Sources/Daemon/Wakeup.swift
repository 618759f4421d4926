// Wakes a thread that waits in a poller.

internal import CLinux

/// An eventfd(2): any thread rings, the owner of the poller takes the ring.
package struct Wakeup: ~Copyable, Sendable {
    private let descriptor: Descriptor

    package var number: Int32 { descriptor.number }

    package init() throws(SystemError) {
        descriptor = try Descriptor(
            eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)), "make a wakeup")
    }

    /// Makes the descriptor readable; many rings before one ``take()`` count as one.
    package func ring() {
        var one: UInt64 = 1
        _ = linux_write(number, &one, 8)
    }

    /// Takes the ring, so that the descriptor is quiet again.
    package func take() {
        var rings: UInt64 = 0
        _ = read(number, &rings, 8)
    }
}
