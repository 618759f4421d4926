// The kernel's table → services, as made by hand or by another program.

internal import IPVS
internal import Weighting

extension Adopted {
    init(_ facts: KernelFacts) {
        for held in facts.table.services {
            guard services.count < Self.mostServices else {
                remarks.append(
                    Remark(
                        origin: nil, text: "\(held.key): more services than \(Self.mostServices)",
                        isLoss: true))
                continue
            }
            services.append(AdoptedService(held))
        }
        let timeouts = facts.timeouts
        let times = [("tcp", timeouts.tcp), ("tcp_fin", timeouts.tcpFin), ("udp", timeouts.udp)]
            .compactMap { name, seconds in seconds.map { "\(name): \($0)s" } }
        if !times.isEmpty { masterLines.append("timeouts: {\(times.joined(separator: ", "))}") }
        if !facts.daemons.isEmpty {
            masterLines.append("sync:")
            masterLines += facts.daemons.map { "  - \($0.yaml)" }
        }
    }
}

extension SyncDaemon {
    /// On one line, as `ipvs.sync` of master.yaml has it.
    fileprivate var yaml: String {
        var pairs = [
            "role: \(role == .master ? "master" : "backup")", "id: \(id)",
            "interface: \(YAMLText(interface))",
        ]
        if let group { pairs.append("group: \(YAMLText("\(group)"))") }
        if let port { pairs.append("port: \(port)") }
        if let ttl { pairs.append("ttl: \(ttl)") }
        if let mostBytes { pairs.append("maxlen: \(mostBytes)") }
        return "{\(pairs.joined(separator: ", "))}"
    }
}

extension AdoptedService {
    fileprivate init(_ held: Table.Service) {
        self.init(key: held.key, origin: nil)
        scheduler = held.scheduler.name
        if let setup = held.setup {
            if setup.flags.contains(.fallback) { schedulerFlags.append("fallback") }
            if setup.flags.contains(.port) { schedulerFlags.append("port") }
            isOnePacket = setup.isOnePacket
            persistence = setup.persistence.map {
                AdoptedPersistence($0, family: held.key.addressFamily)
            }
        }
        for (place, destination) in held.destinations.enumerated() {
            guard members.count < Adopted.mostMembers else {
                remarks.append(
                    Remark(
                        origin: nil,
                        text: "\(destination.key): more servers than \(Adopted.mostMembers)",
                        isLoss: true))
                continue
            }
            var member = AdoptedMember(
                address: destination.key.address, port: destination.key.port, origin: nil)
            member.weight = max(0, destination.weight)
            if let setup = held.setup(ofDestination: place) {
                member.take(setup, of: held.key)
            }
            members.append(member)
        }
    }
}

extension AdoptedPersistence {
    fileprivate init(_ held: ServiceSetup.Persistence, family: AddressFamily) {
        self.init(timeoutSeconds: Int(held.timeoutSeconds), netmask: nil, engine: held.engine)
        guard held.mask != ServiceSetup.Persistence.wholeMask(family) else { return }
        switch family {
        case .v4: netmask = "\(Address.v4(held.mask))"
        case .v6: netmask = "\(held.mask)"
        }
    }
}

extension AdoptedMember {
    fileprivate mutating func take(_ setup: DestinationSetup, of service: ServiceKey) {
        upper = Int(setup.upperConnections)
        lower = Int(setup.lowerConnections)
        switch setup.forwarding {
        case .masquerading: forward = .masq
        case .direct: forward = .direct
        case .tunnel(let tunnel): forward = .tunnel(AdoptedTunnel(tunnel))
        case .other(Self.localNode):
            // The kernel says so of a server that is this host, however it was added.
            if case .address(_, let servicePort, _) = service, servicePort == port {
                forward = .direct
            }
            isOnDirector = true
        case .other(let number):
            remarks.append(
                Remark(
                    origin: nil,
                    text: "forwarding method \(number) of the kernel cannot be declared; say "
                        + "`forward`"))
        }
    }

    /// The kernel's number of it.
    private static let localNode: UInt32 = 1
}

extension AdoptedTunnel {
    fileprivate init(_ tunnel: Forwarding.Tunnel) {
        self.init(
            type: "\(tunnel.kind)", port: tunnel.port > 0 ? Int(tunnel.port) : nil,
            checksum: tunnel.checksum == .none
                ? "none" : tunnel.checksum == .full ? "csum" : "remcsum")
    }
}
