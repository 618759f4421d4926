// poise simulate: what a policy does to latency, in a model of servers, clients and schedulers.

internal import ArgumentParser
internal import Simulation

struct SimulateCommand: Act {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Compares policies in a queueing model; asks no master, changes nothing.",
        discussion: """
            A scenario is one of the built-in ones (--list) or of a file (--file; --text prints \
            the built-in ones as such a file). The same seed gives the same result.
            """)

    @Argument(help: ArgumentHelp("Scenarios by name, as S4.", valueName: "scenario"))
    var names: [String] = []

    @Flag(help: "All scenarios.")
    var all = false

    @Option(help: ArgumentHelp("Take scenarios from a file.", valueName: "path"))
    var file: String?

    @OptionGroup var knobs: PolicyOption

    @Option(
        help: ArgumentHelp(
            "Policies, with commas between them; see --list (default: all).", valueName: "names"))
    var policies: String?

    @Option(
        help: ArgumentHelp(
            "Schedulers, with commas between them; see --list (default: those of the comparison).",
            valueName: "names"))
    var schedulers: String?

    @Option(help: ArgumentHelp("The first seed.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("So many seeds from the first one on.", valueName: "count"))
    var seeds = 1

    @Flag(help: "Print an object a line and run, instead of tables of means.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Draw weights, load and latency of the first policy's first run into an SVG file.",
            valueName: "path"))
    var plot: String?

    @Flag(help: "List scenarios, policies and schedulers.")
    var list = false

    @Flag(help: "Print the built-in scenarios as a file may have them.")
    var text = false

    private static let mostSeeds = 1_000

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let known = try knownScenarios()
        if list { return Outcome(output: SimulateScreen.list(known)) }
        if text { return Outcome(output: Scenario.builtInText + "\n") }
        guard (1...Self.mostSeeds).contains(seeds) else {
            throw .usage("--seeds takes 1 to \(Self.mostSeeds)")
        }
        let scenarios = try chosenScenarios(known)
        let contenders = try chosenContenders()
        let knobs = try knobs.policy()

        var runs: [Run] = []
        for scenario in scenarios {
            var study = Study(scenario, knobs: knobs)
            for step in 0..<UInt64(seeds) {
                for contender in contenders {
                    let run = study.run(contender, seed: seed &+ step)
                    if let plot, runs.isEmpty {
                        try TextFile.replace(plot, SimulatePlot(run, of: scenario).text)
                    }
                    // Each as it ends; nobody needs the rest when nobody reads any more.
                    if json, !session.pipe.write(SimulateJSON.line(run)) { return Outcome() }
                    runs.append(run.withoutRecording)
                }
            }
        }
        return Outcome(output: json ? "" : SimulateScreen(scenarios, runs).text)
    }

    private func knownScenarios() throws(Failure) -> [Scenario] {
        guard let file else { return Scenario.builtIn }
        guard let text = try TextFile.read(file) else {
            throw .files("there is no file \(printable(file))")
        }
        let scenarios: [Scenario]
        do {
            scenarios = try Scenario.read(text)
        } catch {
            throw .files("\(printable(file)):\(error.line): \(printable(error.text))")
        }
        guard !scenarios.isEmpty else {
            throw .files("\(printable(file)) has no scenario; begin one with [name]")
        }
        return scenarios
    }

    private func chosenScenarios(_ known: [Scenario]) throws(Failure) -> [Scenario] {
        if all || (names.isEmpty && file != nil) { return known }
        guard !names.isEmpty else {
            throw .usage("name a scenario, as S4, or give --all; --list shows them")
        }
        var chosen: [Scenario] = []
        for name in names {
            guard let scenario = known.first(where: { $0.name == name }) else {
                throw .usage(
                    "there is no scenario \"\(printable(name))\""
                        + Names.advice(for: name, known: known.map(\.name)))
            }
            chosen.append(scenario)
        }
        return chosen
    }

    /// Those of the comparison; with schedulers named, all that go together.
    private func chosenContenders() throws(Failure) -> [Contender] {
        let policies: [SimulatedPolicy] = try Self.words(policies, "policy")
        let schedulers: [SimulatedScheduler] = try Self.words(schedulers, "scheduler")
        let chosen =
            self.schedulers == nil
            ? Contender.standard.filter { policies.contains($0.policy) }
            : policies.flatMap { policy in
                schedulers.compactMap { Contender(policy, on: $0) }
            }
        guard !chosen.isEmpty else {
            throw .usage("these policies and schedulers do not go together; --list shows them")
        }
        return chosen
    }

    /// The values of a list with commas; all, where none is given.
    private static func words<Value: RawRepresentable<String> & CaseIterable>(
        _ text: String?, _ what: String
    ) throws(Failure) -> [Value] {
        guard let text else { return Array(Value.allCases) }
        var values: [Value] = []
        for word in text.split(separator: ",") {
            guard let value = Value(rawValue: String(word)) else {
                throw .usage(
                    "there is no \(what) \"\(printable(String(word)))\""
                        + Names.advice(
                            for: String(word), known: Value.allCases.map(\.rawValue)))
            }
            values.append(value)
        }
        return values
    }
}
