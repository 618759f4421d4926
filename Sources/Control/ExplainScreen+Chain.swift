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
        step(
            "utilisation", chain.utilisation,
            chain.resource == .cpu
                ? "heard: share of the machine in use"
                : "heard: share in use of what is fullest, now \(chain.resource.rawValue)")
        step("load", chain.load, "heard: utilisation, and more where tasks queue")
        step("prior", chain.prior, "requests/s at full use, by the last half minute")
        step("prior share", chain.priorShare, "how far the prior counts")
        let work = "min(3 × prior, (requests - errors + prior share × prior)"
        if chain.othersUse > 0 {
            step("others use", chain.othersUse, "of the utilisation: this machine's other services")
            step(
                "capacity", chain.capacity,
                "= \(work) ÷ (utilisation - others use + prior share)) × (1 - others use)")
        } else {
            step("capacity", chain.capacity, "= \(work) ÷ (utilisation + prior share))")
        }
        step("error share", chain.errorShare, "errors of the requests")
        step(
            "error bound", chain.errorBound, "errors.tolerance, or twice the median of the members")
        errorSteps(chain, step)
        step("service load", chain.serviceLoad, "mean load of the members, weighted by capacity")
        step("gain", chain.gain, "policy")
        step(
            "most exponent", chain.mostExponent,
            mostExponentOrigin(chain))
        step(
            "trim", chain.trim,
            "= exp(clip(gain × ln((service load + 0.05) ÷ (load + 0.05)), -1.5, most exponent))")
        step(
            "sum of shares", chain.sumOfShares,
            "capacity × gate × trim, added over those that follow within their base share")
        step(
            "share to give", chain.shareToGive,
            "the number of members, less what others hold or have at their base share's end")
        step("mean weight", chain.meanWeight, "for this scheduler")
        step(
            "share", chain.share,
            "= capacity × gate × trim × share to give ÷ sum of shares")
        let bounded = chain.shareBound == nil ? "share" : "min(share, base bound)"
        if let bound = chain.shareBound {
            step("base bound", bound, "limits.share × base share; for more, declare its capacity")
        }
        if chain.startShare < 1 {
            step("fair share", chain.fairShare, "= prior × share to give ÷ sum of shares")
            step("start share", chain.startShare, "of the fair share, so soon: slow_start")
        }
        step("floor", chain.floor, "policy: limits.floor")
        step("previous share", chain.previousShare, "at the tick before")
        step("least share", chain.leastShare, "as far as it may fall in this step: limits.fall")
        if let most = chain.mostShare {
            step("most share", most, "as far as it may rise in this step: limits.rise, slow_start")
            step(
                "limited share", chain.limitedShare,
                "= min(max(\(bounded), floor, least share), most share)")
        } else {
            step(
                "limited share", chain.limitedShare, "= max(\(bounded), floor, least share)")
        }
        let named = chain.limits.all.count
        grid.rows.append(["limits", named == 0 ? "none" : "\(named)", limits(chain)])
        if chain.heldBack > 0 {
            let exact = "limited share × mean weight"
            step("held back", chain.heldBack, "= min(\(exact), 0.45, 0.7 ÷ (\(exact)))")
        }
        step("weight", Double(chain.weight), weightOrigin(chain))
        if let goal = chain.goal, goal != chain.weight {
            step("goal", Double(goal), "the weight that it comes to when nothing changes")
        }
        step("dead band", chain.deadband, "policy: a change up to this share is not written")
        return grid.lines()
    }

    private static func mostExponentOrigin(_ chain: Chain) -> String {
        if chain.mostExponent > 0 { return "of the trim" }
        return chain.errorShare > chain.errorBound
            ? "of the trim: no raise with so many errors" : "of the trim: on wrr it only takes"
    }

    private static func errorSteps(
        _ chain: Chain, _ step: (_ name: String, _ value: Double, _ origin: String) -> Void
    ) {
        step(
            "evidence", chain.evidence, "errors of the requests; more with more of them, and fades")
        step("evidence bound", chain.evidenceBound, "errors.tolerance, or twice the median")
        step(
            "ejection", chain.ejection,
            chain.evidenceBound + chain.ejection < 1
                ? "policy: errors.ejection" : "all that there is above the bound")
        let excess = max(0, chain.evidence - chain.evidenceBound)
        step(
            "errors leave", max(0, 1 - excess / chain.ejection),
            "= max(0, 1 - max(0, evidence - evidence bound) ÷ ejection)")
        step(
            "gate", chain.gate,
            chain.limits.contains(.commonCause)
                ? "1, for errors of more than half have a common cause"
                : "= errors leave × errors leave")
    }

    private static func weightOrigin(_ chain: Chain) -> String {
        if chain.weight == 0 { return "out, for its errors" }
        return chain.limits.contains(.places)
            ? "its part of sh's 256 places"
            : chain.heldBack > 0
                ? "= clip(round(limited share × mean weight - held back), 1, 65535)"
                : "= clip(round(limited share × mean weight), 1, 65535)"
    }

    private static func limits(_ chain: Chain) -> String {
        guard !chain.limits.isEmpty else { return "what was computed stands" }
        return chain.limits.all.map { limit in
            switch limit {
            case .priorBoost: "capacity stays within 3 × prior"
            case .trim: "trim is at its end"
            case .floor: "share is raised to floor"
            case .rise: "share rises no faster"
            case .fall: "share falls no faster"
            case .errors: "share does not rise with so many errors"
            case .share: "share is cut at base bound"
            case .slowStart: "share of a newcomer rises no faster"
            case .commonCause: "errors of most count for nobody"
            case .stays: "it fails too much, but no more may be taken out"
            case .places: "weight is of 256 places"
            case .kernelRange: "weight stays within what the scheduler takes"
            }
        }.joined(separator: "; ")
    }
}
