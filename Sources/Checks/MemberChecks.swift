// From the checks of a member to whether it is up: all of them have to pass.

package import Weighting

/// Who is checked, and how.
package struct CheckedMember: Equatable, Sendable {
    package let member: MemberKey
    package let checks: [Check]

    package init(_ member: MemberKey, checks: [Check]) {
        self.member = member
        self.checks = checks
    }
}

/// How a check stands, for people who look.
package struct CheckStanding: Equatable, Sendable {
    package let name: String
    /// Nothing until enough answers came.
    package internal(set) var isUp: Bool?
    /// How the newest run ended; nothing before the first.
    package internal(set) var newest: Outcome?
    package internal(set) var atNanoseconds: Int64?
}

/// Of one member: its checks as they stand, and what that comes to.
struct MemberState {
    let member: MemberKey
    /// Places of its checks in the loop.
    let slots: [Int]
    private(set) var isUp: Bool?

    init(member: MemberKey, slots: [Int], isUp: Bool?) {
        self.member = member
        self.slots = slots
        self.isUp = isUp
    }

    /// What is new, if anything is; one check that is down is enough, and all are needed for up.
    mutating func update(_ standings: (Int) -> CheckStanding, at now: Int64) -> Checked? {
        let standings = slots.map(standings)
        let bad = standings.first { $0.isUp == false }
        let isUp: Bool? =
            bad != nil ? false : standings.allSatisfy { $0.isUp == true } ? true : nil
        // Once known, a member stays as it is until its checks say otherwise, also while a check
        // that a reload brought is not decided.
        guard let isUp, isUp != self.isUp else { return nil }
        self.isUp = isUp
        let told = bad ?? standings.first
        let text = told.map { "\($0.name): \($0.newest?.text ?? "")" } ?? ""
        return Checked(
            member: member, isUp: isUp, text: Shown.cut(text),
            at: Instant(nanoseconds: UInt64(max(0, now))))
    }
}
