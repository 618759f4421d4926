// The one door to the table: the kernel's and the in-process one behave alike behind it.

package import Weighting

/// A table of virtual services that can be read and written.
package protocol IPVSTable {
    /// The names of all services that the table holds, whosever they are.
    mutating func services() throws(IPVSError) -> [ServiceKey]

    /// These services as the table holds them now, in the order asked for; no others are looked at.
    ///
    /// A service that is not there, or that disappears while it is read, is left out. One that is
    /// there and cannot be understood fails the whole read: to leave it out would say it is gone.
    mutating func read(_ services: [ServiceKey]) throws(IPVSError) -> Table

    /// Takes every step of the plan, in its order, each as if the others were not there.
    ///
    /// The first request that gets no answer ends it: the steps left are refused with that error.
    ///
    /// - Returns: one outcome for each step, in the plan's order.
    mutating func apply(_ plan: Plan) -> [StepOutcome]

    /// How long the table keeps connections that say nothing.
    mutating func timeouts() throws(IPVSError) -> Timeouts
    /// Sets those that are given.
    mutating func set(_ timeouts: Timeouts) throws(IPVSError)

    /// The sync daemons that run: none, one, or one of each role.
    mutating func daemons() throws(IPVSError) -> [SyncDaemon]
    mutating func start(_ daemon: SyncDaemon) throws(IPVSError)
    mutating func stop(_ daemon: SyncDaemon) throws(IPVSError)
}
