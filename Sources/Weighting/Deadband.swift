// Which difference between the weight that is wanted and the kernel's is not worth a write.

extension Law.Outcome {
    /// Whether the kernel's weight is near enough to stay.
    ///
    /// By the weight, and by what is wanted before it is rounded: on wrr, where weights are about
    /// ten, rounding alone would make a step of one of what lies within the dead band.
    func isNear(_ result: Law.Result, _ kernel: Int) -> Bool {
        let width = deadband * Double(kernel)
        if Double(abs(result.weight - kernel)) <= width { return true }
        // To and from 0 is another thing, and places of sh come to a sum.
        guard result.weight > 0, kernel > 0, !result.limits.contains(.places) else { return false }
        return abs(result.limitedShare * law.meanWeight - Double(kernel)) <= width
    }

    /// See ``Chain/deadband``.
    var deadband: Double { law.deadband ?? law.policy.deadband }
}
