// Which steps count as taken.

import Testing
import Weighting

@testable import IPVS

private func isTaken(_ result: StepOutcome.Result, to weight: Int) -> Bool {
    StepOutcome(
        step: .setWeight(
            service: .firewallMark(7, .v4),
            destination: DestinationKey(address: .v4(1), port: 80), from: 5,
            to: Weight(clamping: weight)),
        result: result
    ).isTaken
}

@Test func `a lost answer counts for a 0, and a refusal for nothing`() {
    let lost = StepOutcome.Result.refused(.inconsistent(to: "set", .silence))
    #expect(isTaken(lost, to: 0))
    #expect(!isTaken(lost, to: 7))
    for weight in [0, 7] {
        #expect(isTaken(.done, to: weight))
        #expect(!isTaken(.refused(.notPermitted), to: weight))
        #expect(!isTaken(.alreadyThere, to: weight))
        #expect(!isTaken(.changedMeanwhile(found: 3), to: weight))
    }
}
