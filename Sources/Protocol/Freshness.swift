// How a master tells a report of now from a recording, with no clock in common and no disk.

/// What a master's process is to its agents, drawn once when it starts and never stored.
package struct MasterIdentity: Sendable {
    let secret: (UInt64, UInt64)
    /// In the header of all that this process sends; never 0.
    package let instance: UInt32

    /// - Parameters:
    ///   - secret: what nobody can guess; cookies are made of it.
    ///   - instance: random for each start of the process; 0 is taken as 1.
    package init(secret: (UInt64, UInt64), instance: UInt32) {
        self.secret = secret
        self.instance = max(instance, 1)
    }

    package static func generate() -> MasterIdentity {
        MasterIdentity(
            secret: (Cryptography.randomWord(), Cryptography.randomWord()),
            instance: Cryptography.randomNonZero())
    }
}

/// Makes and checks cookies (PROTOCOL.md §7).
///
/// A cookie is a hash of whom it was granted to and when, under the process's secret. Only who
/// heard the master's answer can show it: a report with a fresh one was made after that answer, at
/// most two epochs ago, for this process, and for this generation of the agent's boots.
struct Freshness: Sendable {
    private let secret: (UInt64, UInt64)
    var epochNanoseconds: Int64 = 8_000_000_000

    init(_ identity: MasterIdentity) { secret = identity.secret }

    /// What to grant now; never 0.
    func cookie(
        boot: UInt32, generation: UInt32, locator: Locator, at now: Int64
    ) -> UInt32 {
        cookie(boot, generation, locator, epoch: epoch(at: now))
    }

    /// Whether a cookie was granted in this epoch or the one before.
    func isFresh(
        _ shown: UInt32, boot: UInt32, generation: UInt32, locator: Locator, at now: Int64
    ) -> Bool {
        let epoch = epoch(at: now)
        return shown == cookie(boot, generation, locator, epoch: epoch)
            || epoch > 0 && shown == cookie(boot, generation, locator, epoch: epoch - 1)
    }

    private func epoch(at now: Int64) -> UInt64 { UInt64(max(now, 0) / epochNanoseconds) }

    private func cookie(
        _ boot: UInt32, _ generation: UInt32, _ locator: Locator, epoch: UInt64
    ) -> UInt32 {
        let hash = Cryptography.shortHash(
            locator.rawValue, UInt64(boot) << 32 | UInt64(generation), epoch, key: secret)
        return max(UInt32(truncatingIfNeeded: hash), 1)
    }
}
