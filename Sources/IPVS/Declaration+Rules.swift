// What is declared, as the lines that `ipvsadm -R` reads.

package import Weighting

extension Declaration {
    /// Each service, then its members with the weights of one that nobody has balanced yet.
    package var rules: [String] {
        services.flatMap { service in
            let name = service.key.option
            let members = zip(service.members, service.firstWeights).map { member, weight in
                "-a \(name) -r \(member.key) \(member.setup.options(weight))"
            }
            return ["-A \(name) \(service.setup.options(service.key.addressFamily))"] + members
        }
    }
}

extension ServiceKey {
    /// As ipvsadm(8) names a service.
    fileprivate var option: String {
        switch self {
        case .address(let address, let port, let transport):
            let letter =
                switch transport {
                case .tcp: "-t"
                case .udp: "-u"
                case .sctp: "--sctp-service"
                }
            return "\(letter) \(DestinationKey(address: address, port: port))"
        case .firewallMark(let mark, .v4): return "-f \(mark)"
        case .firewallMark(let mark, .v6): return "-f \(mark) -6"
        }
    }
}

extension ServiceSetup {
    fileprivate func options(_ family: AddressFamily) -> String {
        var words = ["-s \(scheduler.name)"]
        var flags: [String] = []
        if self.flags.contains(.fallback) { flags.append("\(scheduler.name)-fallback") }
        if self.flags.contains(.port) { flags.append("\(scheduler.name)-port") }
        if self.flags.contains(.third) { flags.append("flag-3") }
        if let persistence {
            words.append("-p \(persistence.timeoutSeconds)")
            if persistence.mask != Persistence.wholeMask(family) {
                let mask = family == .v4 ? "\(Address.v4(persistence.mask))" : "\(persistence.mask)"
                words.append("-M \(mask)")
            }
            if let engine = persistence.engine { words.append("--pe \(engine)") }
        }
        if !flags.isEmpty { words.append("-b \(flags.joined(separator: ","))") }
        if isOnePacket { words.append("-o") }
        return words.joined(separator: " ")
    }
}

extension DestinationSetup {
    fileprivate func options(_ weight: Weight) -> String {
        var words: [String]
        switch forwarding {
        case .masquerading, .other: words = ["-m"]
        case .direct: words = ["-g"]
        case .tunnel(let tunnel): words = ["-i"] + tunnel.options
        }
        words.append("-w \(weight.rawValue)")
        if upperConnections > 0 { words.append("-x \(upperConnections)") }
        if lowerConnections > 0 { words.append("-y \(lowerConnections)") }
        return words.joined(separator: " ")
    }
}

extension Forwarding.Tunnel {
    /// Nothing of ipip, which is ipvsadm's own standard.
    fileprivate var options: [String] {
        guard kind != .ipip else { return [] }
        var words = ["--tun-type \(kind)"]
        if kind == .gue { words.append("--tun-port \(port)") }
        switch checksum {
        case .none: words.append("--tun-nocsum")
        case .full: words.append("--tun-csum")
        case .remote: words.append("--tun-remcsum")
        }
        return words
    }
}
