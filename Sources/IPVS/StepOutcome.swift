// What became of each step of a plan.

package import Weighting

/// One step, and what the table made of it.
package struct StepOutcome: Equatable, Sendable {
    package let step: Plan.Step
    package internal(set) var result: Result

    package init(step: Plan.Step, result: Result) {
        self.step = step
        self.result = result
    }

    package enum Result: Equatable, Sendable {
        case done
        /// The table held that weight before: nothing was written.
        case alreadyThere
        /// Somebody else set another weight since the decision: nothing was written.
        case changedMeanwhile(found: Int)
        case serviceGone
        case destinationGone
        case refused(IPVSError)
    }
}

extension StepOutcome {
    /// Whether to go on as if the table took the step.
    ///
    /// One to 0 counts also when its answer was lost: a 0 without an owner would stay for ever.
    package var isTaken: Bool {
        switch (result, step) {
        case (.done, _): true
        case (.refused(.inconsistent), .setWeight(_, _, _, let weight, _)): weight.rawValue == 0
        case (.refused, _), (.alreadyThere, _), (.changedMeanwhile, _), (.serviceGone, _),
            (.destinationGone, _):
            false
        }
    }
}

extension StepOutcome.Result {
    var errorThatEndsPlan: IPVSError? {
        guard case .refused(let error) = self, error.endsPlan else { return nil }
        return error
    }

    /// What settles a weight step without a write; `nil` when it is to be written.
    static func beforeWriting(from: Int, to: Weight, held: Int) -> Self? {
        if held == to.rawValue { return .alreadyThere }
        if held != from { return .changedMeanwhile(found: held) }
        return nil
    }
}
