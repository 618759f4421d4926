// What our reader would refuse, put right before it is written, and said.

internal import IPVS
internal import Weighting

extension Adopted {
    /// For a master that makes the services; one that keeps weights takes names as they are.
    mutating func fit() {
        for index in services.indices { services[index].fit() }
    }
}

extension AdoptedService {
    fileprivate mutating func fit() {
        func remark(_ text: String) { remarks.append(Remark(origin: origin, text: text)) }
        if !schedulerFlags.isEmpty, !["mh", "sh"].contains(scheduler) {
            remark("\(schedulerFlags.joined(separator: " and ")): \(scheduler) has no flags")
            schedulerFlags = []
        }
        // A firewall mark is of no protocol.
        if case .address(_, _, let transport) = key, transport != .udp {
            if isOnePacket { remark("one-packet scheduling goes with UDP") }
            isOnePacket = false
            if let engine = persistence?.engine {
                remark("persistence engine \(engine): goes with UDP")
                persistence?.engine = nil
            }
        }
        if let engine = persistence?.engine, engine != "sip" {
            remark("persistence engine \(engine): only sip is known")
            persistence?.engine = nil
        }
        if let seconds = persistence?.timeoutSeconds {
            persistence?.timeoutSeconds = min(max(seconds, 1), Self.longestPersistenceSeconds)
        }
        if port == 0, persistence == nil {
            remark("port 0 is all ports, for which IPVS wants persistence; ipvsadm's time is taken")
            persistence = AdoptedPersistence(timeoutSeconds: 360)
        }
        var seen: Set<DestinationKey> = []
        members = members.compactMap { member in
            var member = member
            member.fit(key)
            guard seen.insert(member.destination).inserted else {
                remarks.append(
                    Remark(
                        origin: member.origin,
                        text: "\(member.destination) is in this service twice",
                        isLoss: true))
                return nil
            }
            return member
        }
        sorry?.fit(key)
        if let sorry, seen.contains(sorry.destination) {
            remarks.append(
                Remark(
                    origin: sorry.origin,
                    text: "\(sorry.destination) is a server of this service already, and cannot be "
                        + "its sorry server"))
            self.sorry = nil
        }
    }

    private static let longestPersistenceSeconds = 2_678_400
}

extension AdoptedMember {
    fileprivate mutating func fit(_ service: ServiceKey) {
        func remark(_ text: String) { remarks.append(Remark(origin: origin, text: text)) }
        if case .tunnel(var tunnel) = forward {
            if tunnel.type == "gue", tunnel.port == nil {
                remark("gue without a port: that of fou, 5555, is written; look for yours")
                tunnel.port = 5555
            } else if tunnel.type != "gue", tunnel.port != nil {
                tunnel.port = nil
            }
            if tunnel.type == "ipip" || tunnel.type == "gre" && tunnel.checksum == "remcsum" {
                tunnel.checksum = "none"
            }
            forward = .tunnel(tunnel)
        } else if !address.isOf(service.addressFamily) {
            remark("of another family than its service, to which only a tunnel leads")
            forward = .tunnel(AdoptedTunnel())
        }
        if forward != .masq, case .address(_, let servicePort, _) = service, servicePort > 0,
            port != servicePort
        {
            remark("port \(port): only masq changes the port; packets go to \(servicePort)")
            port = servicePort
        }
        upper = min(upper, Int(UInt32.max))
        if lower > upper {
            remark("lower threshold \(lower) is above the upper one")
            lower = upper
        }
    }
}
