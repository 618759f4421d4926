// The part of a decision that errors make: who is taken out, and who comes back.

internal import Protocol

extension Deliberation {
    /// Those at 0 by our hand for their errors, whose reports may be judged.
    func outForErrors(_ drains: [DrainOutcome]) -> [Int] {
        drains.indices.filter { place in
            guard drains[place] == .out else { return false }
            let server = declared.members[place].server
            return fleet.isFresh(server: server, policy, at: moment)
                && memory.members[place].hasLoad
        }
    }

    /// Decides who goes to 0 for its errors, and who returns from there.
    mutating func judgeErrors(
        _ followed: inout Followed, drains: [DrainOutcome], holds: [Hold?], present: [Int],
        out: [Int], hold: Hold?
    ) -> Ejections {
        var candidates: [Ejections.Candidate] = []
        let isAnyOut = drains.contains(.out)
        if isAnyOut { passTime(drains) }
        switch hold {
        case nil, .tooIdle, .scheduler:
            guard isAnyOut || isAnySuspect(present) else {
                if hold != nil { memory.isCommonCause = false }
                return .none
            }
            candidates =
                hold == nil
                ? judged(followed, drains) + judgedWithoutLoad(followed, holds, present)
                : judgedByErrorsAlone(drains, holds, present)
        case .some:
            // Whoever doubts itself takes nobody out, and who is out comes back all the same: the
            // others may be those that ceased to serve.
            guard isAnyOut else { return .none }
        }
        candidates += silentOnes(drains, judged: candidates)
        candidates = candidates.map(forgettingInTime)
        for candidate in candidates where candidate.gate > 0.99 {
            memory.members[candidate.place].drain.forgive()
        }
        candidates.removeAll {
            !$0.isOut && ($0.gate >= ErrorGate.least || memory.members[$0.place].drain.isPardoned)
        }
        guard !candidates.isEmpty else { return .none }

        memory.forgetRemovals(at: moment)
        var (goingToDrain, goingByChecks, dead) = (0, 0, 0)
        for place in present {
            switch drains[place] {
            case .drains, .orderedOut: goingToDrain += 1
            case .fails: goingByChecks += 1
            case .stays(let cause) where cause.state == .down: dead += 1
            case .endures: dead += 1
            default: break
            }
        }
        goingToDrain += goingByChecks
        let limits = Ejections.Limits(
            present: destinations.count { $0 != nil },
            out: goingToDrain
                + destinations.indices.count {
                    destinations[$0]?.weight == 0 && memory.members[$0].drain.zero == .ours
                },
            lately: memory.removals.count + goingByChecks,
            live: table.destinations.count { $0.weight > 0 } - goingToDrain - dead)
        var ejections = Ejections(candidates, limits, fleet.safeguards)
        if !table.canDoWithout { ejections.leaving = [] }
        for candidate in candidates where !candidate.isOut {
            if ejections.leaving.contains(candidate.place) {
                followed.takeOut(candidate.place)
            } else {
                followed.mark(candidate.place, .stays)
            }
        }
        for candidate in candidates where candidate.isOut {
            if ejections.returning.contains(candidate.place) {
                memory.members[candidate.place].forgetErrors(above: candidate.evidence)
            } else {
                followed.takeOut(candidate.place)
            }
        }
        return ejections
    }

    private mutating func passTime(_ drains: [DrainOutcome]) {
        for place in drains.indices where drains[place] == .out {
            memory.members[place].drain.stayOut(seconds: elapsedSeconds)
        }
    }

    /// Nobody is out for longer than errors are remembered, whatever is heard of it: an agent that
    /// cannot count any more has nothing that would clear its server.
    private func forgettingInTime(_ candidate: Ejections.Candidate) -> Ejections.Candidate {
        guard candidate.isOut else { return candidate }
        let most = ErrorEvidence.most(
            afterSeconds: memory.members[candidate.place].drain.ejectedSeconds,
            memory: policy.errorMemory)
        guard most < candidate.evidence else { return candidate }
        let gate = ErrorGate(policy, evidence: [0]).part(most)
        return Ejections.Candidate(
            place: candidate.place, evidence: most, gate: max(gate, candidate.gate), isOut: true)
    }

    private func isAnySuspect(_ present: [Int]) -> Bool {
        present.contains {
            memory.members[$0].evidence.share > policy.errorTolerance
                || memory.members[$0].drain.isPardoned
        }
    }

    /// By the law's own gates, which weigh errors by capacity.
    private func judged(
        _ followed: Followed, _ drains: [DrainOutcome]
    ) -> [Ejections.Candidate] {
        guard let outcome = followed.outcome else { return [] }
        return followed.places.enumerated().map { index, place in
            Ejections.Candidate(
                place: place, evidence: outcome.inputs[index].evidence, gate: outcome.gate(index),
                isOut: drains[place] == .out)
        }
    }

    /// Those that hold since their reports lack what the policy names, and count errors all the same.
    private func judgedWithoutLoad(
        _ followed: Followed, _ holds: [Hold?], _ present: [Int]
    ) -> [Ejections.Candidate] {
        guard let common = followed.outcome?.common, !common.isCommonCause else { return [] }
        return present.filter { holds[$0] == .noLoadInReports }.map { place in
            let evidence = memory.members[place].evidence.share
            return Ejections.Candidate(
                place: place, evidence: evidence, gate: common.gate.part(evidence), isOut: false)
        }
    }

    /// Where no weight follows load: every server counts by what the operator declared.
    private mutating func judgedByErrorsAlone(
        _ drains: [DrainOutcome], _ holds: [Hold?], _ present: [Int]
    ) -> [Ejections.Candidate] {
        let places =
            outForErrors(drains)
            + present.filter { holds[$0] == nil || holds[$0] == .noLoadInReports }
        let gate = ErrorGate(policy, evidence: places.map { memory.members[$0].evidence.share })
        var candidates = places.map { place in
            let evidence = memory.members[place].evidence.share
            return Ejections.Candidate(
                place: place, evidence: evidence, gate: gate.part(evidence),
                isOut: drains[place] == .out)
        }
        let all = candidates.exactSum { declared.members[$0.place].nominalCapacity }
        let left = candidates.exactSum {
            $0.gate * declared.members[$0.place].nominalCapacity
        }
        let least =
            memory.isCommonCause ? ErrorGate.commonUntil : ErrorGate.commonBelow
        memory.isCommonCause = fleet.safeguards.hold(.commonCause) && left < least * all
        if memory.isCommonCause {
            candidates = candidates.map {
                Ejections.Candidate(
                    place: $0.place, evidence: $0.evidence, gate: 1, isOut: $0.isOut)
            }
        }
        return candidates
    }

    /// Those out whose agents are silent: what they did is forgotten all the same.
    private func silentOnes(
        _ drains: [DrainOutcome], judged: [Ejections.Candidate]
    ) -> [Ejections.Candidate] {
        let known = Set(judged.map(\.place))
        return drains.indices.filter { drains[$0] == .out && !known.contains($0) }.map { place in
            let age = fleet.reportAgeSeconds(
                server: declared.members[place].server, at: moment)
            let evidence = memory.members[place].evidence
                .share(afterSeconds: age ?? 0, memory: policy.errorMemory)
            return Ejections.Candidate(
                place: place, evidence: evidence,
                gate: ErrorGate(policy, evidence: [0]).part(evidence), isOut: true)
        }
    }

    /// What a member comes back with: what the law gives a newcomer, or a newcomer's part of what
    /// it had.
    func weightAfterErrors(_ place: Int, _ chainWeight: Int?) -> Weight {
        chainWeight.map(Weight.init(clamping:)) ?? weightAfterDrain(place, slowly: true)
    }
}
