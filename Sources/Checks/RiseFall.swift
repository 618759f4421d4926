// From single answers to up and down: several in a row decide.

/// Counts answers of one kind in a row.
package struct RiseFall: Equatable, Sendable {
    private let rise: Int
    private let fall: Int
    /// Nothing until enough answers of one kind came in a row.
    package private(set) var isUp: Bool?
    /// Answers in a row that speak against ``isUp``, or for the first one.
    private var passed = 0
    private var failed = 0

    package init(rise: Int, fall: Int) {
        self.rise = max(1, rise)
        self.fall = max(1, fall)
    }

    /// Whether it failed, and not yet often enough to be down.
    package var isInDoubt: Bool { failed > 0 && failed < fall }

    /// Takes one answer; true when it changed ``isUp``.
    package mutating func count(isPassed: Bool) -> Bool {
        if isPassed {
            failed = 0
            passed = min(passed + 1, rise)
            guard passed == rise, isUp != true else { return false }
            isUp = true
        } else {
            passed = 0
            failed = min(failed + 1, fall)
            guard failed == fall, isUp != false else { return false }
            isUp = false
        }
        return true
    }
}
