// The kernel's schedulers, and how each of them reads a weight.

/// An IPVS scheduler, by the name that ipvsadm(8) gives it.
package enum Scheduler: Hashable, Sendable {
    case known(Known)
    /// One this version does not know: its weights are left alone.
    case unknown(String)

    package enum Known: String, Hashable, Sendable, CaseIterable {
        case rr, wrr, lc, wlc, sed, nq, twos, mh, sh, dh, lblc, lblcr, fo, ovf
    }

    package init(name: String) {
        self = Known(rawValue: name).map(Self.known) ?? .unknown(name)
    }

    package var name: String {
        switch self {
        case .known(let scheduler): scheduler.rawValue
        case .unknown(let name): name
        }
    }
}
