// The agent's side of one destination: numbers its reports and seals them.

/// Makes the datagrams for one master (PROTOCOL.md §3).
package struct Sender: Sendable {
    package let keys: SessionKeys
    package private(set) var boot: UInt32
    /// The sequence of the newest datagram; 0 before the first.
    package private(set) var sequence: UInt32

    /// - Parameters:
    ///   - keys: what this agent and that master agree on.
    ///   - boot: random for each start of the process, see ``randomBoot()``; 0 is taken as 1.
    package init(keys: SessionKeys, boot: UInt32) { self.init(keys: keys, boot: boot, sequence: 0) }

    init(keys: SessionKeys, boot: UInt32, sequence: UInt32) {
        self.keys = keys
        self.boot = max(boot, 1)
        self.sequence = sequence
    }

    /// A boot id: random and never 0.
    package static func randomBoot() -> UInt32 { Cryptography.randomNonZero() }

    /// The next datagram.
    ///
    /// After sequence 2³²−1 comes 1 of a new boot.
    package mutating func seal(_ report: Report) -> [UInt8] {
        if sequence == .max {
            sequence = 0
            let old = boot
            while boot == old { boot = Self.randomBoot() }
        }
        sequence += 1
        let header = Header(
            type: .report, locator: keys.locator, instance: boot, sequence: sequence)
        return Envelope.seal(header, body: report.encoded(), key: keys.toMaster)
    }
}
