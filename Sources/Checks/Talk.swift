// What is said over a connection or in datagrams, without the connection: bytes in, bytes out.

/// What to do after something was heard.
package enum Reply: Equatable, Sendable {
    case wait
    case say([UInt8])
    case done(Outcome)
}

/// One run's conversation over a stream.
protocol StreamTalk {
    /// What is said first; nothing when the server begins.
    var opening: [UInt8] { get }
    /// What the other side has not done yet, for when the time is up.
    var awaited: String { get }
    /// Takes what arrived, in pieces of any size.
    mutating func hear(_ bytes: UnsafeRawBufferPointer) -> Reply
    /// The other side closed the connection.
    mutating func end() -> Outcome
}

/// One run's question and answer in datagrams.
protocol DatagramTalk {
    var question: [UInt8] { get }
    /// What it means when no answer came in time.
    var silence: Outcome { get }
    /// Takes one datagram; nothing when it is none of ours.
    func hear(_ bytes: UnsafeRawBufferPointer) -> Outcome?
}

extension ByteSet {
    /// What may stand in a line that is sent.
    static let visible = ByteSet(0x21...0x7E)
}
