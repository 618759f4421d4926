// The text of `poise explain`: one member's chain, each step in the order it was computed.

internal import Weighting

/// One member's reason as text.
struct ExplainScreen {
    let master: Snapshot.Master
    let service: Snapshot.Service
    let member: Snapshot.Member
    let style: Style

    func text() -> String {
        var lines = master.notes(style)
        let name = style.paint("\(printable(service.name))/\(printable(member.server))", .bold)
        let scheduler = service.scheduler.map { ", scheduler \(printable($0))" } ?? ""
        lines.append("\(name): \(member.destination) in \(service.key)\(scheduler)")
        lines.append(agent)
        lines += (member.checks ?? []).map(Self.line)
        lines.append("")
        if let chain = member.chain {
            lines += Self.lines(chain)
        } else {
            lines.append("At this tick no weight was computed from load.")
        }
        lines.append("")
        lines.append(style.paint(sentence, .bold))
        for order in member.orders ?? [] {
            lines.append(ended(order.text.prefix(1).uppercased() + order.text.dropFirst()))
        }
        if let policy = service.policy { lines.append(Self.sentence(of: policy)) }
        if let shadow = shadowSentence { lines.append(shadow) }
        return lines.joined(separator: "\n") + "\n"
    }

    private var agent: String {
        guard let age = member.reportAgeSeconds else { return "No report was heard." }
        let state = member.state.map { ", and its agent says \(printable($0))" } ?? ""
        return "The newest report is \(Number.fixed(age, 1)) s old\(state)."
    }

    private static func line(_ check: Snapshot.Check) -> String {
        let state = check.isUp.map { $0 ? "up" : "down" } ?? "not decided yet"
        guard let text = check.text, let age = check.ageSeconds else {
            return "The check \(printable(check.name)) is \(state)."
        }
        return "The check \(printable(check.name)) is \(state): \(printable(text)), "
            + "\(Number.fixed(age, 1)) s ago."
    }

    /// What is, what should be, and why.
    private var sentence: String {
        let table = master.table == "kernel" ? "The kernel" : "The table inside the master"
        guard let weight = member.weight else {
            return ended("\(table) does not hold \(member.destination): \(member.reason.text)")
        }
        guard let wanted = member.wanted else {
            return ended("\(table) holds weight \(weight): \(member.reason.text)")
        }
        var facts = "\(table) holds weight \(weight), wanted is \(wanted)"
        if let failure = member.failure {
            facts += ", but the write failed (\(failure)) and the next tick tries again"
        } else if master.dryRun && wanted != weight {
            facts += ", not written in a dry run"
        }
        return ended("\(facts): \(member.reason.text)")
    }

    /// What the policy would do that is tried beside the live one.
    private var shadowSentence: String? {
        guard let name = service.shadow, let shadow = member.shadow else { return nil }
        let weight = shadow.weight.map { "weight \($0)" } ?? "no weight"
        return ended("Under the policy \(name) it would have \(weight): \(shadow.reason.text)")
    }

    /// Which policy it is that the weight comes from, and for how long.
    private static func sentence(of policy: Snapshot.PolicyInForce) -> String {
        let text = printable(policy.text)
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    private func ended(_ sentence: String) -> String {
        let sentence = printable(sentence)
        return sentence.hasSuffix("?") || sentence.hasSuffix(".") ? sentence : sentence + "."
    }
}

extension Snapshot.Master {
    /// What a reader of any screen has to know first.
    func notes(_ style: Style) -> [String] {
        var notes: [String] = []
        if let trouble {
            notes.append(style.paint("Trouble: ", .red) + printable(trouble))
        }
        if let reloadRefused {
            notes.append(style.paint("Reload: ", .red) + printable(reloadRefused))
        }
        if let droppedByKernel, droppedByKernel > 0 {
            notes.append(
                style.paint("Lost: ", .yellow)
                    + "the kernel had no room for \(droppedByKernel) datagrams since the start.")
        }
        if dryRun { notes.append("Dry run: the master writes nothing.") }
        if table != "kernel" {
            notes.append("The table is inside the master; the kernel's is not touched.")
        }
        return notes
    }
}
