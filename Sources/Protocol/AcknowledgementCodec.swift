// An ACK's body as bytes and back; reading is total, as it is for reports.

/// The types of TLV in an ACK.
private enum AcknowledgementTLV: UInt8 {
    case directive = 16
    case standing = 17
    case notice = 18
}

private let challengeFlag: UInt8 = 1

extension Acknowledgement {
    /// Reads the body of a datagram, from offset 20 up to the tag (PROTOCOL.md §5).
    ///
    /// - Parameter body: outside input; it need not have been authenticated.
    /// - Throws: ``Refusal/malformed`` when the fixed part or a TLV goes past the end.
    package init(body: RawSpan) throws(Refusal) {
        guard
            let boot = body.integer(at: 0, as: UInt32.self),
            let sequence = body.integer(at: 4, as: UInt32.self),
            let hold = body.integer(at: 8, as: UInt16.self),
            let flags = body.integer(at: 10, as: UInt8.self),
            let version = body.integer(at: 11, as: UInt8.self)
        else { throw .malformed }
        self.init(
            echoedBoot: boot, echoedSequence: sequence, holdMicroseconds: MiniFloat16.decode(hold),
            isChallenge: flags & challengeFlag != 0, directiveVersion: version)

        var offset = 12
        while offset < body.byteCount {
            guard
                let type = body.integer(at: offset, as: UInt8.self),
                let length = body.integer(at: offset + 1, as: UInt8.self)
            else { throw .malformed }
            let start = offset + 2
            let end = start + Int(length)
            guard end <= body.byteCount else { throw .malformed }
            take(type, body.extracting(start..<end))
            offset = end
        }
    }

    private mutating func take(_ type: UInt8, _ value: RawSpan) {
        switch AcknowledgementTLV(rawValue: type) {
        case .directive: directive = directive ?? Directive(value)
        case .standing:
            guard standings.count < Self.standingLimit, let standing = ServiceStanding(value),
                !standings.contains(where: { $0.id == standing.id })
            else { return }
            standings.append(standing)
        case .notice:
            guard let number: UInt8 = value.integer(at: 0) else { return }
            for entry in Notices.numbered where entry.number == number {
                notices.insert(entry.notice)
            }
        case nil: break
        }
    }

    /// Appends the body to a datagram that holds its header, and leaves out what would make the
    /// whole, with its tag, longer than `limit` bytes.
    package func append(to datagram: inout [UInt8], limit: Int) {
        datagram.append(bigEndian: echoedBoot)
        datagram.append(bigEndian: echoedSequence)
        datagram.append(bigEndian: MiniFloat16.encode(holdMicroseconds))
        datagram.append(isChallenge ? challengeFlag : 0)
        datagram.append(directiveVersion)
        let end = limit - Envelope.tagByteCount
        if let directive, datagram.begin(.directive, byteCount: 4, end: end) {
            datagram.append(bigEndian: directive.intervalMilliseconds)
            datagram.append(bigEndian: directive.jitterMilliseconds)
        }
        if !notices.isEmpty {
            for entry in Notices.numbered where notices.contains(entry.notice) {
                guard datagram.begin(.notice, byteCount: 1, end: end) else { return }
                datagram.append(entry.number)
            }
        }
        for standing in standings.prefix(Self.standingLimit) {
            guard datagram.begin(.standing, byteCount: 8, end: end) else { return }
            datagram.append(bigEndian: standing.id.rawValue)
            datagram.append(bigEndian: standing.weight.map { min($0, 0xFFFE) } ?? 0xFFFF)
            datagram.append(standing.admin.rawValue)
            datagram.append(standing.reason)
            datagram.append(bigEndian: MiniFloat16.encode(standing.activeConnections))
        }
    }
}

extension Directive {
    /// `nil` when it does not say the interval.
    fileprivate init?(_ value: RawSpan) {
        guard let interval: UInt16 = value.integer(at: 0) else { return nil }
        self.init(intervalMilliseconds: interval, jitterMilliseconds: value.integer(at: 2) ?? 0)
    }
}

extension ServiceStanding {
    /// `nil` when it does not say which service; an admin state that is not known reads as ready.
    fileprivate init?(_ value: RawSpan) {
        guard let id = value.integer(at: 0).flatMap(ServiceID.init(rawValue:)) else { return nil }
        let weight: UInt16? = value.integer(at: 2)
        self.init(
            id: id, weight: weight == MiniFloat16.notAvailable ? nil : weight,
            admin: value.integer(at: 4).flatMap(AdminState.init(rawValue:)) ?? .ready,
            reason: value.integer(at: 5) ?? 0,
            activeConnections: value.integer(at: 6).flatMap(MiniFloat16.decode))
    }
}

extension [UInt8] {
    /// Appends a TLV's head if it and its value end by `end`.
    fileprivate mutating func begin(
        _ type: AcknowledgementTLV, byteCount: Int, end: Int
    ) -> Bool {
        guard count + 2 + byteCount <= end else { return false }
        append(type.rawValue)
        append(UInt8(byteCount))
        return true
    }
}
