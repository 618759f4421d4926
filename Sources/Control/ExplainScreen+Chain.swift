// The steps of a chain as lines: a name, its value, and how it comes from the names above it.

internal import Weighting

extension ExplainScreen {
    /// The arithmetic of Weighting's law, in its order.
    static func lines(_ chain: Chain) -> [String] {
        var grid = Grid(alignments: [.left, .right, .left], indent: "  ")
        func step(_ name: String, _ value: Double, _ origin: String) {
            grid.rows.append([name, Number.exact(value), origin])
        }
        step("requests", chain.requestsPerSecond, "heard: requests/s, averaged")
        step("errors", chain.errorsPerSecond, "heard: of these, failed")
        step("utilisation", chain.utilisation, "heard: share of the machine in use")
        step("load", chain.load, "heard: utilisation, and more where tasks queue")
        step("prior", chain.prior, "requests/s at full use, by the last half minute")
        step("prior share", chain.priorShare, "how far the prior counts")
        step(
            "capacity", chain.capacity,
            "= min(3 × prior, (requests - errors + prior share × prior) ÷ (utilisation + prior share))"
        )
        step("error share", chain.errorShare, "errors of the requests")
        step("error bound", chain.errorBound, "2 %, or twice the median of the members")
        step("service load", chain.serviceLoad, "mean load of the members, weighted by capacity")
        step("gain", chain.gain, "policy")
        step(
            "most exponent", chain.mostExponent,
            chain.mostExponent > 0 ? "of the trim" : "of the trim: no raise with so many errors")
        step(
            "trim", chain.trim,
            "= exp(clip(gain × ln((service load + 0.05) ÷ (load + 0.05)), -1.5, most exponent))")
        step("sum of shares", chain.sumOfShares, "capacity × trim, added over those that follow")
        step(
            "share to give", chain.shareToGive,
            "the number of members, or their part while others hold")
        step("mean weight", chain.meanWeight, "for this scheduler")
        step(
            "share", chain.share,
            "= capacity × trim × share to give ÷ sum of shares")
        step("floor", chain.floor, "policy: limits.floor")
        step("previous share", chain.previousShare, "at the tick before")
        step("least share", chain.leastShare, "as far as it may fall in this step: limits.fall")
        step("most share", chain.mostShare, "as far as it may rise in this step: limits.rise")
        step(
            "limited share", chain.limitedShare,
            "= min(max(share, floor, least share), most share)")
        grid.rows.append([
            "limits", chain.limits.isEmpty ? "none" : "\(chain.limits.count)", limits(chain),
        ])
        step(
            "weight", Double(chain.weight),
            "= clip(round(limited share × mean weight), 1, 65535)")
        step("dead band", chain.deadband, "policy: a change up to this share is not written")
        return grid.lines()
    }

    private static func limits(_ chain: Chain) -> String {
        guard !chain.limits.isEmpty else { return "what was computed stands" }
        return chain.limits.map { limit in
            switch limit {
            case .priorBoost: "capacity stays within 3 × prior"
            case .trim: "trim is at its end"
            case .floor: "share is raised to floor"
            case .rise: "share rises no faster"
            case .fall: "share falls no faster"
            case .errors: "share does not rise with so many errors"
            case .kernelRange: "weight stays within 1…65535"
            }
        }.joined(separator: "; ")
    }
}
