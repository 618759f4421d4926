// One virtual_server of keepalived.conf: its keywords, its real servers, and what it has that we
// have not.

internal import IPVS
internal import Weighting

struct KeepalivedServer {
    private(set) var transport = TransportProtocol.tcp
    private var scheduler = "wlc"
    private var flags: [String] = []
    private var forward = AdoptedForward.masq
    private var persistence: AdoptedPersistence?
    private var isOnePacket = false
    private var isInhibited = false
    private var quorum: Int?
    private var hysteresis: Int?
    private var family: AddressFamily?
    private var title: String?
    private var sorry: AdoptedMember?
    private var members: [AdoptedMember] = []
    private var remarks: [Remark] = []
    private let origin: Origin
    private let timing: KeepalivedTiming
    /// Keepalived's standard time for a client that comes back.
    private static let standardPersistenceSeconds = 360

    init(_ node: KeepalivedNode) {
        origin = node.origin
        timing = KeepalivedTiming().with(node.children)
        for child in node.children where child.keyword != "real_server" { take(child) }
        // Behind the rest, whatever the order: the virtual server's words hold for all of them.
        for child in node.children where child.keyword == "real_server" { takeReal(child) }
    }

    /// Of a firewall mark: as its servers are, for keepalived says so nowhere else.
    var markFamily: AddressFamily {
        family ?? (members.first.map { $0.address.isOf(.v6) ? .v6 : .v4 } ?? .v4)
    }

    mutating func forgetRemarks() {
        remarks = []
        for index in members.indices { members[index].remarks = [] }
    }

    func service(_ key: ServiceKey) -> AdoptedService {
        var service = AdoptedService(key: key, origin: origin)
        service.title = title
        service.scheduler = scheduler
        service.schedulerFlags = flags
        service.persistence = persistence
        service.isOnePacket = isOnePacket
        service.removesOnFailure = !isInhibited
        service.remarks = remarks
        service.members = members.map { placed($0, service) }
        service.sorry = sorry.map { placed($0, service) }
        service.takeCommonChecks()
        let total = members.reduce(0) { $0 + min($1.weight, 1 << 31) }
        // 1 is what stands for nothing in both.
        if let quorum, quorum > 1 {
            service.quorum = share(quorum, of: total)
            service.hysteresis = hysteresis.flatMap { $0 > 0 ? share($0, of: total) : nil }
        }
        return service
    }

    /// Keepalived counts weights; as a share of all of them it holds for any scale.
    private func share(_ units: Int, of total: Int) -> String {
        if members.allSatisfy({ $0.weight == 1 }) { return "\(min(units, 1 << 31))" }
        guard total > 0 else { return "100%" }
        let percent = (Double(units) * 100 / Double(total)).rounded(.up)
        return "\(Int(min(max(percent, 1), 100)))%"
    }

    /// A port that is left out is that of the service, which also holds wherever ports stay.
    private func placed(_ member: AdoptedMember, _ service: AdoptedService) -> AdoptedMember {
        var member = member
        guard let port = service.port, port > 0 else { return member }
        if member.port == 0 {
            member.port = port
        } else if member.forward != .masq, member.port != port {
            member.remarks.append(
                Remark(
                    origin: member.origin,
                    text: "port \(member.port): only masq changes the port; "
                        + "packets go to \(port)"))
            member.port = port
        }
        return member
    }

    // MARK: - Keywords of the virtual server

    private mutating func take(_ node: KeepalivedNode) {
        let value = node.arguments.first
        switch node.keyword {
        case "lvs_sched", "lb_algo": scheduler = value ?? scheduler
        case "lvs_method", "lb_kind": forward = method(node) ?? forward
        case "protocol":
            if let found = TransportProtocol.allCases.first(where: {
                $0.name == value?.lowercased()
            }) {
                transport = found
            } else {
                lose(node, "not a protocol of IPVS")
            }
        case "persistence_timeout":
            persist { $0.timeoutSeconds = value.flatMap(Int.init) ?? $0.timeoutSeconds }
        case "persistence_granularity": persist { $0.netmask = value }
        case "persistence_engine": persist { $0.engine = value }
        case "ops": isOnePacket = true
        case "sh-fallback", "mh-fallback", "flag-1": flags.append("fallback")
        case "sh-port", "mh-port", "flag-2": flags.append("port")
        case "inhibit_on_failure": isInhibited = Self.truth(value)
        case "quorum": quorum = value.flatMap(Int.init)
        case "hysteresis": hysteresis = value.flatMap(Int.init)
        case "ip_family": family = value == "inet6" ? .v6 : .v4
        case "snmp_name": title = value
        case "sorry_server": takeSorry(node)
        case "sorry_server_lvs_method", "sorry_server_lb_kind":
            if let found = method(node) { sorry?.forward = found }
        case "virtualhost": break
        case _ where KeepalivedTiming.keywords.contains(node.keyword): break
        default: remark(node)
        }
    }

    private mutating func persist(_ change: (inout AdoptedPersistence) -> Void) {
        var value =
            persistence ?? AdoptedPersistence(timeoutSeconds: Self.standardPersistenceSeconds)
        change(&value)
        persistence = value
    }

    private mutating func takeSorry(_ node: KeepalivedNode) {
        guard let address = node.arguments.first.flatMap(Address.init),
            let port = UInt16(node.arguments.dropFirst().first ?? "0")
        else { return lose(node, "no address and port of a server") }
        sorry = AdoptedMember(address: address, port: port, origin: node.origin)
        sorry?.forward = forward
    }

    private mutating func method(_ node: KeepalivedNode) -> AdoptedForward? {
        let words = node.arguments.map { $0.lowercased() }
        switch words.first {
        case "nat": return .masq
        case "dr": return .direct
        case "tun":
            var tunnel = AdoptedTunnel()
            for (index, word) in words.enumerated() {
                let next = words.dropFirst(index + 1).first
                switch word {
                case "type": tunnel.type = next ?? tunnel.type
                case "port": tunnel.port = next.flatMap(Int.init)
                case "csum", "remcsum": tunnel.checksum = word
                default: break
                }
            }
            return .tunnel(tunnel)
        default:
            lose(node, "not a way to forward")
            return nil
        }
    }

    private static func truth(_ text: String?) -> Bool {
        !["off", "no", "false"].contains(text?.lowercased() ?? "on")
    }

    private mutating func remark(_ node: KeepalivedNode) {
        let note = KeepalivedNotes.note(on: node.keyword)
        remarks.append(Remark(origin: node.origin, text: "\(node.text): \(note)"))
    }

    private mutating func lose(_ node: KeepalivedNode, _ why: String) {
        remarks.append(Remark(origin: node.origin, text: "\(node.text): \(why)", isLoss: true))
    }

    // MARK: - Real servers

    private mutating func takeReal(_ node: KeepalivedNode) {
        guard let address = node.arguments.first.flatMap(Address.init),
            let port = UInt16(node.arguments.dropFirst().first ?? "0")
        else { return lose(node, "no address and port of a server") }
        guard members.count < Adopted.mostMembers else {
            return lose(node, "more servers than \(Adopted.mostMembers)")
        }
        var member = AdoptedMember(address: address, port: port, origin: node.origin)
        if let first = members.first(where: { $0.destination == member.destination }) {
            let place = first.origin.map { " at \($0)" } ?? ""
            return lose(node, "is in this service already\(place)")
        }
        member.forward = forward
        let timing = timing.with(node.children)
        for child in node.children {
            let value = child.arguments.first
            switch child.keyword {
            case "weight": member.weight = max(0, value.flatMap(Int.init) ?? 1)
            case "lvs_method", "lb_kind": member.forward = method(child) ?? member.forward
            case "uthreshold": member.upper = max(0, value.flatMap(Int.init) ?? 0)
            case "lthreshold": member.lower = max(0, value.flatMap(Int.init) ?? 0)
            case "inhibit_on_failure": isInhibited = isInhibited || Self.truth(value)
            case "snmp_name", "virtualhost": break
            case _ where KeepalivedTiming.keywords.contains(child.keyword): break
            case _ where KeepalivedChecks.keywords.contains(child.keyword):
                let found = KeepalivedChecks.read(child, timing: timing)
                member.checks += found.checks
                member.remarks += found.remarks
            default:
                let note = KeepalivedNotes.note(on: child.keyword)
                member.remarks.append(Remark(origin: child.origin, text: "\(child.text): \(note)"))
            }
        }
        members.append(member)
    }
}

/// What to say of keywords that have no counterpart.
enum KeepalivedNotes {
    static func note(on keyword: String) -> String { known[keyword] ?? "not known" }

    private static let events = "no script is run; `poise events --follow` tells it"

    private static let known = [
        "alpha": "not needed; Poise begins with the weights that the kernel holds",
        "omega": "not needed; Poise leaves the table as it is when it ends",
        "ha_suspend": "checks go on whoever holds the address",
        "quorum_up": events, "quorum_down": events, "notify_up": events, "notify_down": events,
        "smtp_alert": "no mail is sent; `poise events --follow` tells it",
        "sorry_server_inhibit": "the sorry server is added when it is needed, and removed",
        "flag-3": "no scheduler of this kernel has it",
        "est_timeout": "of the ipvs estimators; set the sysctl",
    ]
}
