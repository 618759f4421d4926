// The one door to the table: the kernel's and the in-process one behave alike behind it.

package import Weighting

/// A table of virtual services that can be read and written.
package protocol IPVSTable {
    /// Everything the table holds now.
    ///
    /// A service that disappears while the table is read is left out.
    mutating func read() throws(IPVSError) -> Table

    /// Takes every step of the plan, in its order, each as if the others were not there.
    ///
    /// - Returns: one outcome for each step, in the plan's order.
    mutating func apply(_ plan: Plan) -> [StepOutcome]
}
