// One datagram at a time, for who hears from one address and rarely.

internal import CLinux

extension UDPSocket {
    /// Takes the next datagram from the connected address; `nil` when none waits.
    ///
    /// One that is longer than `buffer` is cut. "Nothing listens there" is an error.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        let count = linux_read(number, buffer.baseAddress, buffer.count)
        if count < 0 {
            guard linux_errno() == EAGAIN else { throw SystemError("receive a datagram") }
            return nil
        }
        return count
    }
}
