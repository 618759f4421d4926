// Which limits bit on the way to a weight.

extension Chain {
    package enum Limit: String, Equatable, Sendable, Codable, CaseIterable {
        /// Capacity stays within three times the prior.
        case priorBoost
        case trim
        /// Errors of more than half of the capacity count for nobody.
        case commonCause
        /// More members fail than may be taken out: this one keeps the floor.
        case stays
        /// Its base share, and with it what the operator declared.
        case share
        case floor, rise, fall, errors, slowStart
        case kernelRange
        /// The scheduler's table has so many places, and each goes to somebody.
        case places

        fileprivate var bit: UInt16 { 1 << rank }

        private var rank: UInt16 {
            switch self {
            case .priorBoost: 0
            case .trim: 1
            case .commonCause: 2
            case .stays: 3
            case .share: 4
            case .floor: 5
            case .rise: 6
            case .fall: 7
            case .errors: 8
            case .slowStart: 9
            case .kernelRange: 10
            case .places: 11
            }
        }
    }

    /// A set of limits that costs no memory of its own; in JSON a list of names.
    package struct Limits: Equatable, Sendable {
        private var bits: UInt16 = 0

        package init() {}

        package var isEmpty: Bool { bits == 0 }

        package mutating func insert(_ limit: Limit) { bits |= limit.bit }

        package func contains(_ limit: Limit) -> Bool { bits & limit.bit != 0 }

        /// In the order in which they are looked at.
        package var all: [Limit] { Limit.allCases.filter(contains) }
    }
}

extension Chain.Limits: ExpressibleByArrayLiteral {
    package init(arrayLiteral limits: Chain.Limit...) {
        for limit in limits { insert(limit) }
    }
}

extension Chain.Limits: Codable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(all)
    }

    package init(from decoder: any Decoder) throws {
        for limit in try decoder.singleValueContainer().decode([Chain.Limit].self) {
            insert(limit)
        }
    }
}
