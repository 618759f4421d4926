// What checks make of who is in the table at all, where Poise makes the services.

extension Balancer {
    /// Who is out of the table from now on, and whose sorry server is in, by the newest decision.
    ///
    /// A member goes when its 0 is written, so that never more go than checks may take out, and it
    /// stays out until its check passes or nobody believes the checks any more.
    package func availability(
        after decision: Decision, before: Upkeep.Availability
    ) -> Upkeep.Availability {
        var found = Upkeep.Availability()
        for (index, (declared, decided)) in zip(cluster.services, decision.services).enumerated() {
            if declared.sorry != nil, decided.isBelowQuorum { found.sorry.insert(declared.key) }
            guard declared.onFailure == .remove, decided.alarm != .panic else { continue }
            for (place, verdict) in decided.verdicts.enumerated() {
                let key = MemberKey(service: declared.key, destination: verdict.destination)
                let isOut =
                    before.removed.contains(key)
                    ? fleet.services[index].members[place].drain.isFailing : verdict.isOutByCheck
                if isOut { found.removed.insert(key) }
            }
        }
        return found
    }
}

extension Verdict {
    fileprivate var isOutByCheck: Bool {
        guard case .failsCheck = reason else { return false }
        return kernel == 0
    }
}
