// Netlink messages ↔ bytes: requests to a generic netlink family, and what comes back.

import CNetlink

/// One request to the IPVS family.
struct Request: Equatable {
    let command: Int
    /// `NLM_F_…` beside NLM_F_REQUEST.
    let flags: Int32
    /// Attributes as they go on the wire.
    let payload: [UInt8]

    init(command: Int, flags: Int32, payload: [UInt8]) {
        self.command = command
        self.flags = flags
        self.payload = payload
    }

    init(command: Int, flags: Int32, attributes: Attributes) {
        self.init(command: command, flags: flags, payload: attributes.bytes)
    }

    var byteCount: Int { Message.headerByteCount + Message.commandByteCount + payload.count }
}

extension [UInt8] {
    /// The sequence number comes back in every message of the answer.
    mutating func append(_ request: Request, family: UInt16, sequence: UInt32) {
        append(native: UInt32(truncatingIfNeeded: request.byteCount))
        append(native: family)
        append(native: UInt16(truncatingIfNeeded: request.flags | NLM_F_REQUEST))
        append(native: sequence)
        append(native: UInt32(0))  // the sender's port: the kernel knows it
        append(native: UInt8(truncatingIfNeeded: request.command))
        append(native: UInt8(IPVS_GENL_VERSION))
        append(native: UInt16(0))
        append(contentsOf: request.payload)
    }
}

/// One message of an answer.
struct Message: Equatable {
    static let headerByteCount = 16
    static let commandByteCount = 4

    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    let body: ArraySlice<UInt8>

    /// Each message that was received, in turn.
    static func each(
        in received: [UInt8], _ body: (Message) throws(AnswerFault) -> Void
    ) throws(AnswerFault) {
        var rest = received[...]
        while !rest.isEmpty {
            guard let length = rest.native(UInt32.self, at: 0).map(Int.init),
                let type = rest.native(UInt16.self, at: 4),
                let flags = rest.native(UInt16.self, at: 6),
                let sequence = rest.native(UInt32.self, at: 8),
                length >= headerByteCount, length <= rest.count
            else { throw .truncated }
            let start = rest.startIndex
            try body(
                Message(
                    type: type, flags: flags, sequence: sequence,
                    body: rest[start + headerByteCount..<start + length]))
            rest = rest[min(start + padded(length), rest.endIndex)...]
        }
    }

    enum Content: Equatable {
        /// The attributes of one service or destination, to be read by whoever asked.
        case entry(ArraySlice<UInt8>)
        /// The end of a dump, or the acknowledgement of a request: 0, or an errno.
        case end(errno: Int32)
    }

    /// What the message says, if it answers the request of that sequence number.
    func content(family: UInt16) throws(AnswerFault) -> Content {
        guard Int32(flags) & NLM_F_DUMP_INTR == 0 else { throw .interrupted }
        switch Int32(type) {
        case NLMSG_ERROR, NLMSG_DONE:
            guard let code = body.native(Int32.self, at: 0), code <= 0, code != .min else {
                throw .malformed("an acknowledgement")
            }
            return .end(errno: -code)
        case Int32(family):
            guard body.count >= Self.commandByteCount else { throw .truncated }
            return .entry(body[(body.startIndex + Self.commandByteCount)...])
        default:
            throw .malformed("a message of type \(type)")
        }
    }
}
