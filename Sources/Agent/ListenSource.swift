// What the kernel knows of a service's port: whether it listens, what waits, what is connected.

internal import Daemon

/// Watches one TCP port.
struct ListenSource {
    struct Sample {
        var isListening = false
        /// Connections that wait to be accepted.
        var queue: UInt64 = 0
        /// Connections; `nil` unless they were asked for.
        var established: UInt64?
    }

    /// Counting may use one part of the time in so many, and is put off until that holds.
    ///
    /// For the kernel walks through all its connections to count those of one port.
    private static let share: Int64 = 20_000
    private static let longestWait: Int64 = 30_000_000_000

    private let port: UInt16
    private let address: SocketAddress?
    private let countsEstablished: Bool
    private var established: UInt64?
    private var countAgainAt: Int64 = 0
    /// The socket, when one alone listened at the last listing.
    private var lone: TCPSocketFacts?
    private var listAgainAt: Int64 = 0
    /// How long a socket that came beside the lone one may go unseen: listing all of them may use
    /// one part of the time in so many, for the kernel looks at every slot of its table (65536 on a
    /// big machine, 0.8 ms).
    private static let listingShare: Int64 = 50_000
    private static let listingWait: ClosedRange<Int64> = 5_000_000_000...longestWait

    /// Without an `address` every local one counts.
    init(port: UInt16, address: SocketAddress?, countsEstablished: Bool) {
        self.port = port
        self.address = address
        self.countsEstablished = countsEstablished
    }

    mutating func sample(_ sockets: borrowing SockDiag) throws(SystemError) -> Sample {
        var sample = try listening(sockets, at: MonotonicClock.now())
        if countsEstablished {
            let start = MonotonicClock.now()
            if start >= countAgainAt {
                var count: UInt64 = 0
                try sockets.sockets(onPort: port, .established) { facts in
                    if address.map({ facts.serves($0) }) ?? true { count += 1 }
                }
                established = count
                let cost = MonotonicClock.now() - start
                countAgainAt = start + min(Self.longestWait, cost * Self.share)
            }
            sample.established = established
        }
        return sample
    }

    /// Looks at the lone socket where there was one, and else, or when it is gone, at all of them.
    private mutating func listening(
        _ sockets: borrowing SockDiag, at now: Int64
    ) throws(SystemError) -> Sample {
        if let known = lone, now < listAgainAt,
            let facts = try sockets.listener(onPort: port, like: known)
        {
            return Sample(isListening: true, queue: UInt64(facts.receiveQueue))
        }
        var sample = Sample()
        var listed: [TCPSocketFacts] = []
        let address = address
        try sockets.sockets(onPort: port, .listen) { facts in
            guard address.map({ facts.serves($0) }) ?? true else { return }
            sample.isListening = true
            sample.queue += UInt64(facts.receiveQueue)
            if listed.count < 2 { listed.append(facts) }
        }
        lone = listed.count == 1 ? listed[0] : nil
        let wait = (MonotonicClock.now() - now) * Self.listingShare
        listAgainAt =
            now + min(max(wait, Self.listingWait.lowerBound), Self.listingWait.upperBound)
        return sample
    }
}
