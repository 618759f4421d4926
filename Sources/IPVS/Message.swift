// Netlink messages ↔ bytes: requests to a generic netlink family, and what comes back.

import CNetlink

/// One request to the IPVS family.
struct Request: Equatable {
    let command: Int
    /// `NLM_F_…` beside NLM_F_REQUEST.
    let flags: Int32
    let attributes: Attributes

    /// The sequence number comes back in every message of the answer.
    func bytes(family: UInt16, sequence: UInt32) -> [UInt8] {
        let attributes = attributes.bytes
        let length = Message.headerByteCount + Message.commandByteCount + attributes.count
        var bytes = UInt32(truncatingIfNeeded: length).nativeBytes
        bytes += family.nativeBytes
        bytes += UInt16(truncatingIfNeeded: flags | NLM_F_REQUEST).nativeBytes
        bytes += sequence.nativeBytes
        bytes += UInt32(0).nativeBytes  // the sender's port: the kernel knows it
        bytes += [UInt8(truncatingIfNeeded: command), UInt8(IPVS_GENL_VERSION), 0, 0]
        return bytes + attributes
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

    /// The messages of one datagram.
    static func all(in datagram: [UInt8]) throws(AnswerFault) -> [Message] {
        var messages: [Message] = []
        var rest = datagram[...]
        while !rest.isEmpty {
            guard let length = rest.native(UInt32.self, at: 0).map(Int.init),
                let type = rest.native(UInt16.self, at: 4),
                let flags = rest.native(UInt16.self, at: 6),
                let sequence = rest.native(UInt32.self, at: 8),
                length >= headerByteCount, length <= rest.count
            else { throw .truncated }
            messages.append(
                Message(
                    type: type, flags: flags, sequence: sequence,
                    body: rest.prefix(length).dropFirst(headerByteCount)))
            rest = rest.dropFirst(padded(length))
        }
        return messages
    }

    enum Content: Equatable {
        /// Attributes of one service or destination.
        case entry(Attributes)
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
            return .entry(try Attributes(body.dropFirst(Self.commandByteCount)))
        default:
            throw .malformed("a message of type \(type)")
        }
    }
}
