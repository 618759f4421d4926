// Policies beside the one that was declared first: those of windows, and shadows.

internal import Logging
internal import Weighting

extension ControlLoop {
    /// Takes the policies of windows that began or ended, as a reload takes other files.
    mutating func turnPolicies(at now: Instant) {
        let turned = clock.turn(to: unixSeconds())
        guard !turned.isEmpty else { return }
        let (before, next) = (balancer.cluster, clock.cluster(configuration.cluster))
        balancer.adopt(next)
        let happenings = clock.happenings(turned, in: next)
        journal.adopted(next, after: before, at: now, because: happenings)
        for happening in happenings {
            let rest = happening.serviceCount - happening.services.count
            logger.notice(
                "\(happening.detail ?? "")",
                metadata: [
                    "services": .string(
                        happening.services.joined(separator: " ")
                            + (rest > 0 ? " and \(rest) more" : ""))
                ])
        }
    }

    /// Takes other shadows; what is known to one that stays, stays known.
    mutating func cast(_ next: ShadowCluster?) {
        guard let next else {
            shadow = nil
            return
        }
        if shadow == nil { shadow = Shadow(next) } else { shadow?.adopt(next) }
    }
}
