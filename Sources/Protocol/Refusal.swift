// Why a datagram was dropped, and what was odd about one that was not: each is a counter.

/// Why the master dropped a datagram (PROTOCOL.md §7).
///
/// A refusal is counted, never answered. An agent refuses ACKs and PROBEs by the same words (§5).
package enum Refusal: UInt8, Error, CaseIterable, Sendable {
    case tooShort
    case tooLong
    case magic
    case version
    case type
    case unknownLocator
    case range
    case duplicate
    case late
    case badMAC
    case malformed

    /// The counter's name.
    package var name: String {
        switch self {
        case .tooShort: "too_short"
        case .tooLong: "too_long"
        case .magic: "magic"
        case .version: "version"
        case .type: "type"
        case .unknownLocator: "unknown_locator"
        case .range: "range"
        case .duplicate: "duplicate"
        case .late: "late"
        case .badMAC: "bad_mac"
        case .malformed: "malformed"
        }
    }
}

/// What was odd about a report that was applied all the same (PROTOCOL.md §7).
package struct Remarks: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A value outside its range was clamped, or read as unknown or not available.
    package static let range = Remarks(rawValue: 1)
    /// Something was said twice; the first was taken.
    package static let duplicateTLV = Remarks(rawValue: 2)
    /// More services than a report may hold; the rest were ignored.
    package static let excess = Remarks(rawValue: 4)
    /// The newest sample is too old: the state holds, the loads do not.
    package static let staleSample = Remarks(rawValue: 8)
    /// It spoke for a service that the agent is not entitled to; that part was ignored.
    package static let notEntitled = Remarks(rawValue: 16)

    /// Each remark with its counter's name.
    package static let all: [(remark: Remarks, name: String)] = [
        (.range, "range"), (.duplicateTLV, "duplicate_tlv"), (.excess, "excess"),
        (.staleSample, "stale_sample"), (.notEntitled, "not_entitled"),
    ]
}
