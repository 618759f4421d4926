// What one source knows: the source writes it, the services that it tells of read it.

internal import Protocol

/// The newest figures of a source, or why there are none.
final class Readings {
    /// Whether figures may go into a report.
    enum Standing {
        /// They came after the last report.
        case new
        /// They were reported before and still hold.
        case held
        case absent
    }

    /// By ``Field``, or in the order in which metrics were asked for.
    private(set) var values: [Double?] = []
    private(set) var state: HostState?
    /// When they came.
    private(set) var readAt: Int64?
    /// Why the last look failed; `nil` when it did not.
    private(set) var failure: String?
    /// What is odd although the figures are good.
    private(set) var complaint: String?
    /// Whether figures hold until others come or a look fails; else each goes into one report.
    private let holds: Bool
    /// What is wrong before the first figures came; `nil` for who may take its time with them.
    private let faultBefore: String?

    init(holding holds: Bool = false, faultBefore: String? = "no answer yet") {
        self.holds = holds
        self.faultBefore = faultBefore
    }

    func take(
        _ values: [Double?], state: HostState? = nil, complaint: String? = nil, at now: Int64
    ) {
        self.values = values
        self.state = state
        self.complaint = complaint
        readAt = now
        failure = nil
    }

    func fail(_ why: String) { failure = why }

    /// How the figures stand for a report, when the one before it was made at `freshAfter`.
    func standing(freshAfter: Int64) -> Standing {
        guard let readAt else { return .absent }
        if readAt > freshAfter { return .new }
        return holds && failure == nil ? .held : .absent
    }

    /// What is wrong with the source; `nil` while a known one takes its time, and while a program
    /// runs for the first time.
    var fault: String? { failure ?? (readAt == nil ? faultBefore : nil) }

    /// The figure in a place; `nil` without one.
    func value(_ index: Int) -> Double? { values.indices.contains(index) ? values[index] : nil }
}
