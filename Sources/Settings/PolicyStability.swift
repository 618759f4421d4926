// Whether a policy's loop settles: knobs that are fine one by one may not be together.

internal import Weighting

extension Policy {
    /// How much of a difference in load is answered before its effect is seen; at 1 weights swing.
    ///
    /// An effect is seen an interval later, by a report that is up to another interval old, and
    /// fades with the slow averages.
    fileprivate var loopGain: Double { gain * 2 * interval / slowTimeConstant }

    fileprivate static let mostLoopGain = 1.0
    /// From here on, the simulations behind docs/policy.md show weights that overshoot.
    fileprivate static let calmLoopGain = 0.35
}

extension PolicyFile.Contents {
    /// Reports a loop that would swing, where this file made it so.
    func reportSwinging(to reporter: Reporter) {
        guard let place = places["gain"] ?? places[Policy.intervalKey],
            policy.loopGain > Policy.calmLoopGain
        else { return }
        let most = Quantity.plain(
            (policy.gain * Policy.calmLoopGain / policy.loopGain * 100 + 1e-6).rounded(.down) / 100)
        let remedy = "with this interval, a gain of at most \(most) is calm"
        if policy.loopGain > Policy.mostLoopGain {
            reporter.error(
                place,
                "weights would swing, and ever wider: gain and interval are too large "
                    + "together", remedy: remedy)
        } else {
            reporter.warning(
                place, "weights would overshoot: gain and interval are large together",
                remedy: remedy)
        }
    }
}
