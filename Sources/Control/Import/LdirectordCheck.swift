// The check of a virtual service in ldirectord.cf → checks of ours.

internal import IPVS
internal import Weighting

struct LdirectordCheck {
    var port: UInt16?
    var transport = TransportProtocol.tcp
    /// Of a real server: the request and what is to come; in place of the service's own.
    var requests: [String] = []
    private var type = "negotiate"
    private var service: String?
    private var values: [String: String] = [:]

    private static let keys: Set<String> = [
        "checktimeout", "negotiatetimeout", "checkinterval", "failurecount", "checkcount",
        "checkport", "request", "receive", "httpmethod", "virtualhost", "checkcommand",
    ]

    /// Whether the directive is one of a check.
    mutating func take(_ key: String, _ value: String) -> Bool {
        switch key {
        case "checktype": type = value
        case "service": service = value
        case "login", "passwd", "database", "secret": return false
        case _ where Self.keys.contains(key): values[key] = Self.unquoted(value)
        default: return false
        }
        return true
    }

    static func unquoted(_ text: String) -> String {
        text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
            ? String(text.dropFirst().dropLast()) : text
    }

    /// The checks, and what is to be said of them.
    func checks(at owner: AdoptedService) -> ([AdoptedCheck], String?) {
        switch type {
        case "on", "off":
            return ([], type == "on" ? nil : "checktype=off: every server is out; drain them")
        case "ping": return ([made("icmp")], nil)
        case "connect": return ([made(transport == .udp ? "icmp" : "tcp")], nil)
        case "external", "external-perl": return external(at: owner)
        default:
            // A number: so many connections, then one negotiation.
            return negotiate()
        }
    }

    private func number(_ key: String) -> Double? {
        values[key].flatMap { Double($0) }.flatMap { $0 > 0 && $0 < 1e6 ? $0 : nil }
    }

    private func made(_ type: String) -> AdoptedCheck {
        var check = AdoptedCheck(type)
        let interval = min(max(number("checkinterval") ?? 10, 1), 3600)
        let isTalk = !["tcp", "icmp", "exec"].contains(type)
        let timeout =
            isTalk
            ? number("negotiatetimeout") ?? number("checktimeout") ?? 30
            : number("checktimeout") ?? 5
        check.set("interval", YAMLText(seconds: interval))
        check.set("timeout", YAMLText(seconds: min(timeout, interval)))
        let fall = number("failurecount") ?? number("checkcount") ?? 1
        check.set("fall", YAMLText(plain: "\(Int(min(fall, 99)))"))
        if type != "icmp", type != "exec" {
            // Of a firewall mark the kind of service is all that names a port.
            let standard = Self.standardServices.first { $0.value == service }?.key
            let wanted =
                values["checkport"].flatMap { UInt16($0) } ?? (port == nil ? standard : nil)
            if let wanted, wanted != port { check.set("port", YAMLText(plain: "\(wanted)")) }
        }
        return check
    }

    // MARK: - Kinds of services

    private func negotiate() -> ([AdoptedCheck], String?) {
        let name = service ?? port.flatMap { Self.standardServices[$0] } ?? "none"
        switch name {
        case "http", "https": return ([page(name)], nil)
        case "smtp", "submission": return ([made("smtp")], nil)
        case "dns":
            var check = made("dns")
            check.set("name", YAMLText(values["request"] ?? "."))
            if let text = values["receive"], let address = Address(text) {
                check.set("record", YAMLText(plain: address.isOf(.v6) ? "AAAA" : "A"))
                check.set("answer", YAMLText(text))
            }
            return ([check], nil)
        case "none" where transport == .udp:
            return ([made("icmp")], nil)
        case "none": return ([made("tcp")], nil)
        default:
            guard transport != .udp else {
                return (
                    [made("icmp")],
                    "service=\(name): only a ping is left of this check; use an exec check with a "
                        + "program of monitoring-plugins"
                )
            }
            return (
                [made("tcp")],
                "service=\(name): only the connection is left of this check; use an exec check "
                    + "with a program of monitoring-plugins"
            )
        }
    }

    private func page(_ type: String) -> AdoptedCheck {
        var check = made(type)
        let request = requests.first ?? values["request"] ?? "/"
        check.set("path", YAMLText(page: request))
        check.set("host", values["virtualhost"].map { YAMLText($0) })
        let receive = requests.last ?? values["receive"] ?? ""
        if !receive.isEmpty { check.set("body", YAMLText(receive)) }
        if values["httpmethod"]?.uppercased() == "HEAD" {
            check.set("method", YAMLText(plain: "HEAD"))
        }
        if type == "https" { check.set("verify", YAMLText(plain: "false")) }
        return check
    }

    /// A program that gets the addresses of service and server as its words.
    private func external(at owner: AdoptedService) -> ([AdoptedCheck], String?) {
        guard let command = values["checkcommand"] else {
            return ([], "checktype=\(type) without a checkcommand: there is no check")
        }
        guard type == "external" else {
            return (
                [made("tcp")],
                "checktype=external-perl: \(command) is a function in Perl; a connection is all "
                    + "that is left of this check"
            )
        }
        var check = made("exec")
        let (address, port) =
            switch owner.key {
            case .address(let address, let port, _): ("\(address)", "\(port)")
            case .firewallMark(let mark, _): ("\(mark)", "0")
            }
        let words = command.split(separator: " ").map(String.init)
        check.set(
            "command",
            Exec.command(words + [address, port, "{address}", "{port}"], .othersAreDown))
        return ([check], nil)
    }

    private static let standardServices: [UInt16: String] = [
        21: "ftp", 25: "smtp", 53: "dns", 80: "http", 110: "pop", 119: "nntp", 143: "imap",
        389: "ldap", 443: "https", 587: "submission", 636: "ldaps", 993: "imaps", 995: "pops",
        1521: "oracle", 1812: "radius", 3128: "http_proxy", 3306: "mysql", 5060: "sip",
        5432: "pgsql",
    ]
}
