// The ACK decoder: any bytes as the body of an ACK, then sealed, for an agent.

/// A body that is read can be written, and what was written reads as the same again.
///
/// The same bytes go to an agent in three ways: as they are, as an answer to a report that it sent,
/// and as a whole datagram but for its tag.
func fuzzAck(_ input: RawSpan) {
    checkWriting(of: input)
    let bytes = input.withUnsafeBytes { Array($0) }
    let keys = Harness.keys
    let header = Header(
        type: .acknowledgement, locator: keys.locator, instance: 7, sequence: 1, cookie: 99)
    var session = Harness.session
    give(Envelope.seal(header, body: bytes, key: keys.toAgent), to: &session)

    var answer: [UInt8] = []
    answer.append(bigEndian: session.boot)
    answer.append(bigEndian: session.sequence - UInt32(bytes.first ?? 0) % 4)
    answer += bytes
    give(Envelope.seal(header, body: answer, key: keys.toAgent), to: &session)

    var whole = bytes
    let key = keys.toAgent.bytes
    Envelope.appendTag(to: &whole, key: key.span.bytes)
    give(whole, to: &session)
    _ = session.seal(Harness.report, at: Harness.start + 20_000_000_000)
}

private func checkWriting(of input: RawSpan) {
    guard let read = try? Acknowledgement(body: input) else { return }
    precondition(read.standings.count <= Acknowledgement.standingLimit)
    var whole: [UInt8] = []
    read.append(to: &whole, limit: .max)
    guard let again = try? Acknowledgement(body: whole.span.bytes) else {
        preconditionFailure("our own writing is refused")
    }
    var second: [UInt8] = []
    again.append(to: &second, limit: .max)
    precondition(second == whole)

    // With little room there is less of it, and it is whole all the same.
    let room = Acknowledgement.leastDatagramByteCount + Int(read.echoedSequence % 64)
    var short = [UInt8](repeating: 0, count: Header.byteCount)
    read.append(to: &short, limit: room)
    precondition(short.count + Envelope.tagByteCount <= room)
    let rest = short.span.bytes.extracting(Header.byteCount...)
    precondition((try? Acknowledgement(body: rest)) != nil)
}

private func give(_ datagram: [UInt8], to session: inout Session) {
    let before = (session.directiveVersion, session.standings, session.acknowledgedAt)
    let receipt = session.receive(datagram.span.bytes, at: Harness.start + 1_000_000)
    if case .refused = receipt {
        precondition(session.directiveVersion == before.0, "a refused ACK was followed")
        precondition(session.standings == before.1 && session.acknowledgedAt == before.2)
    }
    if let directive = session.directive {
        precondition(Report.allowedIntervalMilliseconds.contains(directive.intervalMilliseconds))
    }
    precondition((session.roundTripNanoseconds ?? 0) >= 0)
}
