// Everything the outside can tell the balancer, and when it happened.

package import Protocol

/// One entry of the stream that drives every decision.
package enum Event: Sendable {
    /// A verified report of one server's agent.
    case report(Report, Heard)
    /// A member's check found something new.
    case checked(Checked)
    /// All orders that are in force now: they take the place of those known before.
    case ordered([Order])
    /// It is time to decide, and this is what the kernel holds.
    case tick(at: Instant, table: Table)
    /// The table took these steps of the newest plan, or may have.
    case applied([Plan.Step])

    /// Of whom a report is, and when it came.
    package struct Heard: Sendable {
        /// Index into ``Cluster/servers``: who speaks comes from the keys, never from the packet.
        package let server: Int
        /// The agent's boot id: counters compare only within one.
        package let boot: UInt32
        /// Two processes report as this server, each with loads of its own.
        package let isDuplicateIdentity: Bool
        package let at: Instant

        package init(server: Int, boot: UInt32, isDuplicateIdentity: Bool = false, at: Instant) {
            self.server = server
            self.boot = boot
            self.isDuplicateIdentity = isDuplicateIdentity
            self.at = at
        }
    }
}
