// What is said of a drain that the kernel's settings keep from draining.

import Testing

@testable import Master
@testable import Weighting

@Suite struct DrainAdviceTests {
    /// The sample, in which so many clients are held to r2 by persistence.
    private static func ground(held: Int) -> OrderGround {
        let ground = OrderGround.sample()
        guard var table = ground.table else { return ground }
        table.services[1].destinations[1] = Table.Destination(
            key: DestinationKey(address: .v4(12), port: 80), weight: 1,
            persistentConnections: held)
        return OrderGround(cluster: ground.cluster, table: table)
    }

    @Test func `clients that persistence leads back are counted, and the remedy is named`() {
        let advice = DrainAdvice(expiresQuiescent: 0, reuseMode: 1, expiresWithoutDestination: 0)
        let notes = advice.notes(on: .drain(1, server: "r2"), Self.ground(held: 12))
        #expect(notes.count == 1)
        #expect(notes.first?.hasPrefix("12 entries of persistence lead clients back to it") == true)
        #expect(notes.first?.contains("net.ipv4.vs.expire_quiescent_template is 0; with 1") == true)
        // Of another service, or of another server, they say nothing.
        #expect(
            advice.notes(on: .drain(1, server: "r2", service: "mail"), Self.ground(held: 12))
                .isEmpty)
        #expect(advice.notes(on: .drain(1, server: "r1"), Self.ground(held: 12)).isEmpty)
    }

    @Test func `where these clients go elsewhere, and where there are none, nothing is said`() {
        let expiring = DrainAdvice(expiresQuiescent: 1, reuseMode: 1, expiresWithoutDestination: 0)
        #expect(expiring.notes(on: .drain(1, server: "r2"), Self.ground(held: 12)).isEmpty)
        let keeping = DrainAdvice(expiresQuiescent: 0, reuseMode: 1, expiresWithoutDestination: 0)
        #expect(keeping.notes(on: .drain(1, server: "r2"), Self.ground(held: 0)).isEmpty)
        #expect(DrainAdvice().notes(on: .drain(1, server: "r2"), Self.ground(held: 12)).isEmpty)
    }

    @Test func `a port that is used again comes back only where neither setting is on`() {
        func notes(_ reuse: Int, _ expires: Int) -> [String] {
            DrainAdvice(
                expiresQuiescent: 1, reuseMode: reuse, expiresWithoutDestination: expires
            ).notes(on: .drain(1, server: "r2"), Self.ground(held: 0))
        }
        #expect(notes(0, 0).first?.contains("net.ipv4.vs.conn_reuse_mode is 0") == true)
        #expect(notes(1, 0).isEmpty)
        #expect(notes(0, 1).isEmpty)
    }
}
