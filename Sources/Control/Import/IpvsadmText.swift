// What `ipvsadm-save -n` prints, and Debian keeps in /etc/ipvsadm.rules → services.

internal import IPVS
internal import Weighting

struct IpvsadmText {
    private(set) var adopted = Adopted()
    private var places: [ServiceKey: Int] = [:]

    static func read(_ path: String, files: ImportFiles) throws(Failure) -> Adopted {
        guard let text = try files.read(path) else {
            throw .files("there is no \(printable(path))")
        }
        return read(text, path: path)
    }

    static func read(_ text: String, path: String) -> Adopted {
        var reader = IpvsadmText()
        for (index, line) in TextFile.lines(of: text).enumerated() {
            let origin = Origin(path: path, line: index + 1)
            var words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
                .map(String.init)
            // A script may call the program line by line.
            if let first = words.first, first == "ipvsadm" || first.hasSuffix("/ipvsadm") {
                words.removeFirst()
            }
            guard !words.isEmpty else { continue }
            reader.take(Rule(words), line, origin)
        }
        return reader.adopted
    }

    /// The options of one line.
    private struct Rule {
        var command: String?
        var key: ServiceKey?
        var server: String?
        var values: [String: String] = [:]
        var unknown: [String] = []

        /// Options that take a word, by the name that stands in ``values``.
        private static let valued = [
            "-s": "scheduler", "--scheduler": "scheduler", "-p": "persistent",
            "--persistent": "persistent", "-M": "netmask", "--netmask": "netmask", "--pe": "engine",
            "-b": "flags", "--sched-flags": "flags", "-w": "weight", "--weight": "weight",
            "-x": "upper", "--u-threshold": "upper", "-y": "lower", "--l-threshold": "lower",
            "--tun-type": "tunnel", "--tun-port": "tunnelPort",
        ]
        private static let plain = [
            "-g": ("forward", "direct"), "--gatewaying": ("forward", "direct"),
            "-m": ("forward", "masq"), "--masquerading": ("forward", "masq"),
            "-i": ("forward", "tunnel"), "--ipip": ("forward", "tunnel"),
            "--tun-nocsum": ("checksum", "none"), "--tun-csum": ("checksum", "csum"),
            "--tun-remcsum": ("checksum", "remcsum"), "-o": ("onePacket", "yes"),
            "--ops": ("onePacket", "yes"), "-6": ("family", "6"), "--ipv6": ("family", "6"),
        ]
        private static let commands = [
            "-A": "service", "--add-service": "service", "-a": "server", "--add-server": "server",
            "-C": "clear", "--clear": "clear",
        ]
        private static let kinds: [String: TransportProtocol] = [
            "-t": .tcp, "--tcp-service": .tcp, "-u": .udp, "--udp-service": .udp,
            "--sctp-service": .sctp,
        ]

        init(_ words: [String]) {
            var rest = words[...]
            var mark: UInt32?
            while let word = rest.popFirst() {
                if let name = Self.commands[word] {
                    command = name
                } else if let kind = Self.kinds[word] {
                    let place = rest.popFirst() ?? ""
                    key = ServiceKey("\(place)/\(kind.name)")
                } else if word == "-f" || word == "--fwmark-service" {
                    mark = rest.popFirst().flatMap { UInt32($0) }
                } else if word == "-r" || word == "--real-server" {
                    server = rest.popFirst()
                } else if word == "-p" || word == "--persistent" {
                    let isGiven = rest.first.map { Int($0) != nil } ?? false
                    values["persistent"] = isGiven ? rest.popFirst() : "360"
                } else if let name = Self.valued[word] {
                    values[name] = rest.popFirst()
                } else if let (name, value) = Self.plain[word] {
                    values[name] = value
                } else {
                    unknown.append(word)
                }
            }
            if let mark, mark > 0 {
                key = .firewallMark(mark, values["family"] == "6" ? .v6 : .v4)
            }
        }
    }

    private mutating func take(_ rule: Rule, _ line: String, _ origin: Origin) {
        func lose(_ text: String) {
            adopted.remarks.append(
                Remark(origin: origin, text: "\(line): \(text)", isLoss: true))
        }
        if rule.command == "clear" { return }
        guard let command = rule.command, let key = rule.key else {
            return lose(
                "no service and no server is added here; save the table with "
                    + "`ipvsadm-save -n`")
        }
        let unknown = rule.unknown.map {
            Remark(origin: origin, text: "\($0): not known")
        }
        if command == "service" {
            guard places[key] == nil else { return lose("this service is here already") }
            guard adopted.services.count < Adopted.mostServices else {
                return lose("more services than \(Adopted.mostServices)")
            }
            places[key] = adopted.services.count
            adopted.services.append(Self.service(rule, key, origin, remarks: unknown))
            return
        }
        guard let place = places[key] else { return lose("this service was not added before") }
        guard let member = Self.member(rule, key, origin) else {
            return lose("no address and port of a server")
        }
        let members = adopted.services[place].members
        guard members.count < Adopted.mostMembers else {
            return lose("more servers than \(Adopted.mostMembers)")
        }
        guard !members.contains(where: { $0.destination == member.destination }) else {
            return lose("this server is in the service already")
        }
        adopted.services[place].remarks += unknown
        adopted.services[place].members.append(member)
    }

    private static func service(
        _ rule: Rule, _ key: ServiceKey, _ origin: Origin, remarks: [Remark]
    ) -> AdoptedService {
        var service = AdoptedService(key: key, origin: origin)
        service.scheduler = rule.values["scheduler"] ?? "wlc"
        service.isOnePacket = rule.values["onePacket"] != nil
        service.remarks = remarks
        for flag in rule.values["flags"]?.split(separator: ",") ?? [] {
            switch flag {
            case "sh-fallback", "mh-fallback", "flag-1": service.schedulerFlags.append("fallback")
            case "sh-port", "mh-port", "flag-2": service.schedulerFlags.append("port")
            default: service.remarks.append(Remark(origin: origin, text: "\(flag): not known"))
            }
        }
        if let text = rule.values["persistent"], let seconds = Int(text) {
            service.persistence = AdoptedPersistence(
                timeoutSeconds: seconds, netmask: rule.values["netmask"],
                engine: rule.values["engine"])
        }
        return service
    }

    private static func member(_ rule: Rule, _ key: ServiceKey, _ origin: Origin) -> AdoptedMember?
    {
        guard let text = rule.server else { return nil }
        let port: UInt16 =
            switch key {
            case .address(_, let port, _): port
            case .firewallMark: 0
            }
        let (host, given) = LdirectordNames.parts(text)
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        guard let address = Address(bare), let number = given.map({ UInt16($0) }) ?? port else {
            return nil
        }
        var member = AdoptedMember(address: address, port: number, origin: origin)
        member.weight = max(0, rule.values["weight"].flatMap { Int($0) } ?? 1)
        member.upper = max(0, rule.values["upper"].flatMap { Int($0) } ?? 0)
        member.lower = max(0, rule.values["lower"].flatMap { Int($0) } ?? 0)
        switch rule.values["forward"] {
        case "masq": member.forward = .masq
        case "tunnel":
            member.forward = .tunnel(
                AdoptedTunnel(
                    type: rule.values["tunnel"] ?? "ipip",
                    port: rule.values["tunnelPort"].flatMap { Int($0) },
                    checksum: rule.values["checksum"] ?? "none"))
        // The standard of ipvsadm.
        default: member.forward = .direct
        }
        return member
    }
}
