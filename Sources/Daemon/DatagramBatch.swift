// Many datagrams with one call to the kernel, into memory that is set aside once.

internal import CLinux

/// Buffers for one recvmmsg(2); reused for every batch.
package struct DatagramBatch: ~Copyable {
    private var batch = linux_batch()

    /// Sets aside `count` buffers of `byteCount` bytes each.
    package init(count: Int, byteCount: Int) throws(SystemError) {
        guard linux_batch_make(&batch, UInt32(clamping: count), byteCount) == 0 else {
            throw SystemError("set aside \(count) receive buffers")
        }
    }

    deinit {
        var batch = batch
        linux_batch_free(&batch)
    }

    /// Takes what waits at `socket`, at most one batch, and calls `body` for each datagram.
    ///
    /// The bytes live until `body` returns. A datagram longer than its buffer arrives with its
    /// first `byteCount` bytes and `cut` true; `index` is for ``reply(to:over:with:)``.
    /// Returns the number of datagrams, 0 when none waits.
    package func receive(
        from socket: borrowing UDPSocket,
        _ body: (_ datagram: UnsafeRawBufferPointer, _ cut: Bool, _ index: Int) -> Void
    ) throws(SystemError) -> Int {
        let count = try fill(from: socket)
        for index in 0..<count { body(self[index], isCut(index), index) }
        return count
    }

    /// The same from a unix socket, whose datagrams are not answered.
    package func receive(
        from socket: borrowing UnixDatagramSocket,
        _ body: (_ datagram: UnsafeRawBufferPointer, _ cut: Bool) -> Void
    ) throws(SystemError) -> Int {
        let count = try fill(fromNumber: socket.number)
        for index in 0..<count { body(self[index], isCut(index)) }
        return count
    }

    /// Takes what waits at `socket`, at most one batch; the number of datagrams, 0 when none waits.
    package func fill(from socket: borrowing UDPSocket) throws(SystemError) -> Int {
        try fill(fromNumber: socket.number)
    }

    private func fill(fromNumber number: Int32) throws(SystemError) -> Int {
        let count = withUnsafePointer(to: batch) { linux_batch_receive($0, number) }
        guard count >= 0 else {
            let number = linux_errno()
            // ECONNREFUSED belongs to a datagram that was sent earlier, not to this receive.
            if number == EAGAIN || number == EINTR || number == ECONNREFUSED { return 0 }
            throw SystemError("receive datagrams", number: number)
        }
        return Int(count)
    }

    /// One datagram of the newest batch; the bytes live until the next.
    package subscript(index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: batch.bytes + index * batch.each, count: min(length(index), batch.each))
    }

    /// Whether it was longer than its buffer.
    package func isCut(_ index: Int) -> Bool { length(index) > batch.each }

    private func length(_ index: Int) -> Int {
        withUnsafePointer(to: batch) { linux_batch_length($0, UInt32(index)) }
    }

    /// The way that one datagram of the newest batch came.
    package func path(of index: Int) -> ReturnPath {
        var path = ReturnPath()
        withUnsafePointer(to: batch) { linux_batch_path($0, UInt32(index), &path.form) }
        return path
    }

    /// Answers one datagram of the newest batch: to where it came from, from where it went to.
    ///
    /// False when the kernel did not take the answer, which is lost then as any datagram may be.
    package func reply(
        to index: Int, over socket: borrowing UDPSocket, with bytes: UnsafeRawBufferPointer
    ) -> Bool {
        socket.send(bytes, back: path(of: index))
    }

    /// How many datagrams the kernel dropped at the socket, modulo 2³², as told by datagram `index`
    /// of the newest batch; nothing before the first drop, or where the kernel does not count.
    package func droppedCount(at index: Int) -> UInt32? {
        var dropped: UInt32 = 0
        let isKnown = withUnsafePointer(to: batch) {
            linux_batch_dropped($0, UInt32(index), &dropped)
        }
        return isKnown == 1 ? dropped : nil
    }
}
