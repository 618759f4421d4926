// What other files would change of what is in force, and whether that is too much to be done unasked.

internal import Protocol
internal import Settings
internal import Weighting

/// The way from one configuration to another, for people to read and to confirm.
struct ConfigurationChange {
    /// One change each.
    private(set) var lines: [String] = []
    /// Members that were there, and those of them that would not be any more.
    private(set) var (members, membersGone) = (0, 0)
    private(set) var servicesGone = 0
    /// Services none of whose members would stay.
    private(set) var emptied: [String] = []

    init(from old: Configuration, to new: Configuration) {
        let next = Dictionary(
            new.cluster.services.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let before = Set(old.cluster.services.map(\.key))
        for service in old.cluster.services {
            members += service.members.count
            if let other = next[service.key] {
                compare(service, old.cluster, other, new.cluster)
            } else {
                servicesGone += 1
                membersGone += service.members.count
                lines.append("- \(service.name) \(service.key), with its members")
            }
        }
        for service in new.cluster.services where !before.contains(service.key) {
            let count = Problems.count(service.members.count, "member")
            lines.append("+ \(service.name) \(service.key), with \(count)")
        }
        compareRest(old, new)
    }

    private mutating func compare(
        _ old: Cluster.Service, _ oldCluster: Cluster,
        _ new: Cluster.Service, _ newCluster: Cluster
    ) {
        if old.name != new.name { lines.append("~ \(old.name) is called \(new.name)") }
        let next = Dictionary(
            new.members.map { ($0.destination, $0) }, uniquingKeysWith: { first, _ in first })
        let before = Set(old.members.map(\.destination))
        var gone = 0
        for member in old.members {
            let name = oldCluster.servers[member.server].name
            guard let other = next[member.destination] else {
                gone += 1
                lines.append("- \(old.name)/\(name) \(member.destination)")
                continue
            }
            let otherName = newCluster.servers[other.server].name
            if name != otherName {
                lines.append("~ \(old.name)/\(name) is called \(otherName)")
            }
            if member.nominalCapacity != other.nominalCapacity {
                lines.append(
                    "~ \(new.name)/\(otherName) has capacity \(other.nominalCapacity), not "
                        + "\(member.nominalCapacity)")
            }
        }
        for member in new.members where !before.contains(member.destination) {
            let name = newCluster.servers[member.server].name
            lines.append("+ \(new.name)/\(name) \(member.destination)")
        }
        membersGone += gone
        if gone > 0 && gone == old.members.count { emptied.append(old.name) }
        if old.policy != new.policy { lines.append("~ \(new.name) has another policy") }
    }

    private mutating func compareRest(_ old: Configuration, _ new: Configuration) {
        let agents = (old: Set(old.roster.names), new: Set(new.roster.names))
        for name in old.roster.names where !agents.new.contains(name) {
            lines.append("- agent \(name)")
        }
        for name in new.roster.names where !agents.old.contains(name) {
            lines.append("+ agent \(name)")
        }
        if old.cluster.policy != new.cluster.policy { lines.append("~ the common policy") }
        if old.calendar != new.calendar { lines.append("~ the windows of policies") }
        if old.timezone != new.timezone { lines.append("~ timezone \(new.timezone)") }
        for change in old.fixed.changes(to: new.fixed) {
            lines.append("~ \(change), when the master is restarted")
        }
        if lines.isEmpty && old != new {
            lines.append("~ keys of agents, checks or other settings")
        }
    }

    /// What is taken unasked.
    static let mostServicesGone = 10
    static let mostMembersGone = 0.2

    /// Why a person has to say that it is meant; nothing where no more goes than in daily work.
    var danger: String? {
        var reasons: [String] = []
        if Double(membersGone) > Self.mostMembersGone * Double(members) {
            reasons.append(
                "take out \(membersGone) of \(Problems.count(members, "member")), more than "
                    + "\(Int(Self.mostMembersGone * 100)) %")
        }
        if servicesGone > Self.mostServicesGone {
            reasons.append(
                "take out \(servicesGone) services, more than \(Self.mostServicesGone)")
        }
        if !emptied.isEmpty {
            let names = emptied.prefix(Self.mostNames).map { "\"\($0)\"" }.joined(separator: ", ")
            reasons.append("leave no member of those that are in \(names)")
        }
        return reasons.isEmpty ? nil : reasons.joined(separator: ", and ")
    }

    private static let mostNames = 8

    /// Names this change: another one has another name.
    var hash: String {
        var hash = FNV()
        for line in lines { hash.mix(line) }
        return String(
            (String(repeating: "0", count: 16) + String(hash.value, radix: 16)).suffix(12))
    }
}

extension AdminAPI.Proposal {
    private static let mostLines = 1_000

    /// What files that were read would change of what is in force.
    init(_ loaded: Configuration.Loaded, over old: Configuration) {
        guard let new = loaded.configuration else {
            self.init(ok: false, report: loaded.report)
            return
        }
        let change = ConfigurationChange(from: old, to: new)
        self.init(
            ok: true, report: loaded.report, changes: Array(change.lines.prefix(Self.mostLines)),
            unlisted: max(0, change.lines.count - Self.mostLines),
            hash: change.lines.isEmpty ? nil : change.hash, guarded: change.danger)
    }
}
