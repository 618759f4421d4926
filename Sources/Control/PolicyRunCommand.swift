// poise policy run: a policy as a filter, so that any simulation can close its loop around it.

internal import ArgumentParser
internal import Settings
internal import Weighting

struct PolicyRunCommand: Act {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Reads events as JSON lines, and writes a line of weights for each tick.",
        discussion: """
            The members are 1 to N of one service, and the table is this process's own. Events are \
            reports and ticks; each tick is answered at once with the weights and their reasons. A \
            line that is not understood is answered with its number and what is wrong, and changes \
            nothing. docs/policy.md has the keys.
            """)

    @OptionGroup var policy: PolicyOption

    @Option(help: "How the kernel would use the weights: sed, wlc, wrr, …")
    var scheduler: String

    @Option(help: ArgumentHelp("How many members the service has.", valueName: "n"))
    var members: Int

    @Flag(help: "Add the chain of each member to each line, as poise explain has it.")
    var chains = false

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        guard (1...PolicyTrial.mostMembers).contains(members) else {
            throw .usage("--members takes 1 to \(PolicyTrial.mostMembers), and this is \(members)")
        }
        let known = Scheduler.Known.allCases.map(\.rawValue)
        guard let scheduler = Scheduler.Known(rawValue: scheduler) else {
            throw .usage(
                "unknown scheduler \"\(printable(scheduler))\"; "
                    + Suggestion.remedy(for: printable(scheduler), known: known))
        }
        var filter = PolicyFilter(
            policy: try policy.policy(), scheduler: .known(scheduler), members: members,
            hasChains: chains)
        var splitter = LineSplitter()
        var isRead = true
        let body: (ArraySlice<UInt8>?) throws(Failure) -> Void = { line throws(Failure) in
            let answer: String?
            if let line {
                answer = try filter.take(line)
            } else {
                answer = try filter.refuseLongLine()
            }
            if isRead, let answer { isRead = session.pipe.write(answer) }
        }
        while isRead {
            let bytes = session.pipe.read()
            if bytes.isEmpty { break }
            try splitter.take(bytes, body)
        }
        try splitter.finish(body)
        return Outcome()
    }
}
