// Two questions in one datagram each: text of the operator's, and an echo of ICMP.

/// What to send over UDP, and what has to come back.
package struct DatagramRequest: Hashable, Sendable {
    package let send: [UInt8]
    /// Found anywhere in an answer.
    ///
    /// Without it silence is good, and "nothing listens there" bad.
    package let expect: Pattern?

    package init(send: [UInt8], expect: Pattern? = nil) {
        self.send = send
        self.expect = expect
    }
}

struct UDPTalk: DatagramTalk {
    let request: DatagramRequest

    var question: [UInt8] { request.send }

    var silence: Outcome {
        request.expect == nil ? .passed("not refused") : .failed("no answer")
    }

    func hear(_ bytes: UnsafeRawBufferPointer) -> Outcome? {
        guard let expect = request.expect else { return .passed("answers") }
        return expect.isFound(in: bytes) ? .passed("answers") : .failed("the answer does not match")
    }
}

/// One echo request; the kernel gives it its number and its checksum.
struct EchoTalk: DatagramTalk {
    let isIPv6: Bool
    /// Tells this run's answer from a late one of an earlier run.
    let token: UInt64

    private static let header = 8
    private var requestType: UInt8 { isIPv6 ? 128 : 8 }
    private var replyType: UInt8 { isIPv6 ? 129 : 0 }

    private var payload: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: token >> (56 - 8 * UInt64($0))) }
    }

    var question: [UInt8] { [requestType, 0, 0, 0, 0, 0, 0, 1] + payload }

    var silence: Outcome { .failed("no answer") }

    func hear(_ bytes: UnsafeRawBufferPointer) -> Outcome? {
        guard bytes.count == Self.header + 8, bytes[0] == replyType, bytes[1] == 0,
            bytes[Self.header...].elementsEqual(payload)
        else { return nil }
        return .passed("answers")
    }
}
