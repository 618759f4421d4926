// How much of a service has to be up, as its file declares it.

internal import Settings
internal import Weighting

/// The keys of the quorum.
enum QuorumKeys {
    static let quorum = Key<Quorum.Size>(
        "services.NAME.quorum", .size(least: 1), .optional,
        help: "How many of the servers, or what share of their capacity as in 50%, have to be up; "
            + "with fewer there is an alarm.")
    static let hysteresis = Key<Quorum.Size>(
        "services.NAME.hysteresis", .size(least: 0), .standard("0"),
        help: "So much more than the quorum has to be up for the alarm to end.")

    static let entries = [quorum.entry, hysteresis.entry]
}

extension Quorum {
    /// Nothing where none is declared, or after a report.
    init?(in section: inout Section) {
        let quorum = section.found(QuorumKeys.quorum)
        let hysteresis = section.found(QuorumKeys.hysteresis)
        guard let quorum else {
            if let place = hysteresis?.place, section.keyPlace(QuorumKeys.quorum.entry) == nil {
                section.reporter.error(
                    place, "a hysteresis goes with a quorum only",
                    remedy: "write quorum: as well, or remove this line")
            }
            return nil
        }
        self.init(least: quorum.value, hysteresis: hysteresis?.value ?? .members(0))
    }
}

extension Reading<Quorum.Size> {
    /// A number of members, or a share of the capacity.
    static func size(least: Int) -> Reading<Quorum.Size> {
        let most = ServicesKeys.mostMembers
        return Reading("a number of servers or a share such as 50%") { (scalar) throws(Complaint) in
            let text = scalar.text
            if text.hasSuffix("%") {
                guard let share = Quantity.decimal(text.dropLast()),
                    (Double(least)...100).contains(share)
                else {
                    throw Complaint(
                        "\"\(text)\" is no share", remedy: "write \(least)% to 100%")
                }
                return .share(share / 100)
            }
            guard let members = Int(text), (least...most).contains(members) else {
                throw Complaint(
                    "\"\(text)\" is no number of servers",
                    remedy: "write \(least) to \(most), or a share as in 50%")
            }
            return .members(members)
        }
    }
}
