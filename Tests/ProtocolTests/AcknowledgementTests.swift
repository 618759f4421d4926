// What an ACK says comes back as it went.

import Testing

@testable import Protocol

@Suite struct AcknowledgementTests {
    private func read(_ acknowledgement: Acknowledgement, limit: Int = 1200) throws
        -> Acknowledgement
    {
        var datagram = [UInt8](repeating: 0, count: Header.byteCount)
        acknowledgement.append(to: &datagram, limit: limit)
        return try Acknowledgement(
            body: datagram.span.bytes.extracting(Header.byteCount..<datagram.count))
    }

    @Test func `an ACK of everything comes back as it went`() throws {
        let full = Acknowledgement(
            echoedBoot: 1, echoedSequence: 2, holdMicroseconds: 1_500, isChallenge: true,
            directiveVersion: 9,
            directive: Directive(intervalMilliseconds: 500, jitterMilliseconds: 20),
            notices: [.keyRetiring, .duplicateIdentity, .notEntitled, .versionDeprecated],
            standings: [
                ServiceStanding(
                    id: ServiceID(name: "web"), weight: 0, admin: .drain, reason: 4,
                    activeConnections: 33),
                ServiceStanding(
                    id: ServiceID(name: "mail"), weight: nil, admin: .fixed, reason: 0,
                    activeConnections: nil),
            ])
        #expect(try read(full) == full)
        // Directive and notices come first, and one state fits with them into 48 + 6 + 12 + 10.
        #expect(try read(full, limit: 76).standings.count == 1)
        #expect(try read(full, limit: 75).standings.isEmpty)
        #expect(try read(full, limit: 66).notices == full.notices)
        #expect(try read(full, limit: 53).directive == nil)
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `no bytes can do more than be refused`(seed: UInt64) {
        var random = SplitMix(state: seed)
        for _ in 0..<200 {
            let count = Int.random(in: 0...120, using: &random)
            var body = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            for index in body.indices where random.next() % 2 == 0 { body[index] %= 20 }
            guard let read = try? Acknowledgement(body: body.span.bytes) else { continue }
            #expect(read.standings.count <= Acknowledgement.standingLimit)
        }
    }
}
