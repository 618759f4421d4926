// The schedulers that the simulation knows: the kernel's, and two references.

internal import Weighting

/// How a connection finds its server.
package enum SimulatedScheduler: String, CaseIterable, Sendable {
    case wrr, wlc, sed, nq, mh, sh
    /// Weighted round robin in the smoothest order; IPVS has none.
    case swrr
    /// The server that gets done first, by what it really holds and can do; nobody knows that.
    case jsq

    /// What it is, for people.
    package var help: String {
        switch self {
        case .wrr: "weighted round robin, as the kernel does it"
        case .wlc: "fewest connections for the weight; closed ones count for two minutes"
        case .sed: "shortest expected delay"
        case .nq: "an idle server first, else as sed"
        case .mh: "the client's address decides, by a Maglev table"
        case .sh: "the client's address decides, by 256 buckets"
        case .swrr: "weighted round robin in the smoothest order; IPVS has none"
        case .jsq: "where the request gets done first, which nobody knows; only static_equal"
        }
    }

    /// What the kernel's table says; nothing where it cannot.
    var inTable: Scheduler? {
        switch self {
        case .wrr: .known(.wrr)
        case .wlc: .known(.wlc)
        case .sed: .known(.sed)
        case .nq: .known(.nq)
        case .mh: .known(.mh)
        case .sh: .known(.sh)
        case .swrr, .jsq: nil
        }
    }

    /// The mean weight that the comparison policies write, for so many servers.
    func meanWeight(servers: Int) -> Double {
        switch self {
        // Larger ones send runs of connections to one server.
        case .wrr: 8
        // All weights together fill the buckets once.
        case .sh: max(1, Double(HashTable.bucketCount) / Double(max(servers, 1)))
        case .wlc, .sed, .nq, .mh, .swrr, .jsq: 1_000
        }
    }
}
