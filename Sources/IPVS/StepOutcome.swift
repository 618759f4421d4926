// What became of each step of a plan.

import Glibc
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
        /// The table was so before: nothing was written.
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

    init(_ effect: Plan.Step.Effect) {
        switch effect {
        case .done: self = .done
        case .alreadyThere: self = .alreadyThere
        case .changedMeanwhile(let found): self = .changedMeanwhile(found: found)
        case .serviceGone: self = .serviceGone
        case .destinationGone: self = .destinationGone
        }
    }

    /// What the kernel's answer to a step says.
    init(errno: Int32, to step: Plan.Step) {
        switch (errno, step) {
        case (0, _): self = .done
        case (ESRCH, _): self = .serviceGone
        case (EEXIST, .makeService), (EEXIST, .addDestination): self = .alreadyThere
        // Of a service this is said when there is no such scheduler.
        case (ENOENT, .makeService(_, let setup)), (ENOENT, .editService(_, let setup)):
            self = .refused(.noScheduler(setup.scheduler.name, engine: setup.persistence?.engine))
        case (ENOENT, _): self = .destinationGone
        case (let errno, let step): self = .refused(IPVSError(to: step.action, errno: errno))
        }
    }
}
