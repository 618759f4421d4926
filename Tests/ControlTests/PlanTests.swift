// poise plan and poise apply: what they print, and how they exit.

import Synchronization
import Testing

@testable import Control
@testable import Weighting

@Suite struct PlanTests {
    private static let guarded = AdminAPI.Proposal(
        ok: true, report: "", changes: ["- web/r1 10.0.0.11:80", "~ the common policy"],
        unlisted: 3, hash: "0011aabb2233", guarded: "take out 3 of 4 members, more than 20 %")

    @Test func `a plan lists the changes, and the words that confirm them`() async {
        let outcome = await poise(["plan"], answers: [AdminAPI.planPath: Self.guarded])
        #expect(outcome.status == .done)
        #expect(
            outcome.output == """
                - web/r1 10.0.0.11:80
                ~ the common policy
                ... and 3 more
                These changes take out 3 of 4 members, more than 20 %. If that is meant:
                  poise apply --confirm 0011aabb2233

                """)
    }

    @Test func `nothing to change, and files that are wrong`() async {
        let same = await poise(
            ["plan"], answers: [AdminAPI.planPath: AdminAPI.Proposal(ok: true, report: "")])
        #expect(same.output == "The files say what is in force.\n")
        let wrong = await poise(
            ["plan"],
            answers: [AdminAPI.planPath: AdminAPI.Proposal(ok: false, report: "a.yaml:1: bad\n")])
        #expect(wrong.output == "a.yaml:1: bad\n")
        #expect(wrong.status == .configurationInvalid)
    }

    @Test func `apply confirms by the hash, and exits with 5 where a rule refuses`() async {
        let body = Mutex("")
        let taken = await poise(
            ["apply", "--confirm", "0011aabb2233"],
            answers: [AdminAPI.reloadPath: AdminAPI.Reload(refused: nil)],
            heard: { text in body.withLock { $0 = text } })
        #expect(taken.status == .done)
        #expect(body.withLock { $0 } == #"{"confirm":"0011aabb2233"}"# + "\n")

        let refused = await poise(
            ["apply"],
            answers: [AdminAPI.reloadPath: AdminAPI.Reload(refused: "too much", hash: "00")])
        #expect(refused.status == .unsafe)
        #expect(refused.complaint == "poise: too much\n")
        let wrong = await poise(
            ["apply"], answers: [AdminAPI.reloadPath: AdminAPI.Reload(refused: "bad files")])
        #expect(wrong.status == .configurationInvalid)
    }
}
