// Runs of one scenario, and the oracle that they are measured by.

package import Weighting

/// One run, and what it came to.
package struct Run: Equatable, Sendable {
    package let scenario: String
    package let contender: Contender
    package let seed: UInt64
    package let figures: Figures
    package var recording: Recording

    /// Without the series, which are large.
    package var withoutRecording: Run {
        var run = self
        run.recording = Recording(seconds: 0, servers: 0)
        return run
    }
}

/// One scenario under several policies; the same seed gives the same run.
package struct Study {
    package let scenario: Scenario
    /// Of Poise; its interval is the scenario's.
    private let knobs: Policy
    /// What oracles came to, of one seed.
    private var references: [Contender: Ledger] = [:]
    private var referenceSeed: UInt64?

    package init(_ scenario: Scenario, knobs: Policy = Policy()) {
        (self.scenario, self.knobs) = (scenario, knobs)
    }

    /// Runs one; cheaper when runs of one seed follow each other.
    package mutating func run(_ contender: Contender, seed: UInt64) -> Run {
        if referenceSeed != seed { (references, referenceSeed) = ([:], seed) }
        let reference = references[contender.reference] ?? play(contender.reference, seed: seed)
        references[contender.reference] = reference
        let ledger =
            contender == contender.reference ? reference : play(contender, seed: seed)
        return Run(
            scenario: scenario.name, contender: contender, seed: seed,
            figures: Figures(scenario, ledger, reference: reference.recording),
            recording: ledger.recording)
    }

    private func play(_ contender: Contender, seed: UInt64) -> Ledger {
        var world = World(scenario, contender, knobs: knobs, seed: seed)
        world.run()
        return world.ledger
    }
}
