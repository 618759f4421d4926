// Addresses and ports of ldirectord.cf, which may be names.

internal import IPVS
internal import Weighting

struct LdirectordNames {
    private let hosts: HostsFile
    /// By `name/protocol`.
    private var ports: [String: UInt16] = [:]

    /// Why an address or a port is not known.
    struct Unknown: Error, Equatable {
        let text: String
    }

    /// Names of ports are those of a text like /etc/services.
    init(hosts: HostsFile, services: String) {
        self.hosts = hosts
        for line in TextFile.lines(of: services) {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard words.count >= 2 else { continue }
            let parts = words[1].split(separator: "/")
            guard parts.count == 2, let port = UInt16(parts[0]) else { continue }
            for name in [words[0]] + words.dropFirst(2) {
                ports["\(name)/\(parts[1])"] = ports["\(name)/\(parts[1])"] ?? port
            }
        }
    }

    func address(_ text: some StringProtocol, _ family: AddressFamily) throws(Unknown) -> Address {
        var text = String(text)
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        if let address = Address(text) {
            guard address.isOf(family) else { throw Unknown(text: "\(text) is of another family") }
            return address
        }
        guard let address = hosts.address(of: text, family) else {
            throw Unknown(
                text: "\(text) is no address; give its name and address in a file with --hosts")
        }
        return address
    }

    func port(_ text: some StringProtocol, _ transport: TransportProtocol?) throws(Unknown)
        -> UInt16
    {
        if let port = UInt16(text) { return port }
        let names = transport.map { [$0] } ?? [.tcp, .udp]
        guard let port = names.lazy.compactMap({ ports["\(text)/\($0.name)"] }).first else {
            throw Unknown(text: "\(text) is no port that /etc/services knows")
        }
        return port
    }

    /// The service that `virtual=` or `virtual6=` names.
    func service(
        _ head: LdirectordFile.Directive, _ transport: TransportProtocol
    ) throws(Unknown) -> ServiceKey {
        let family: AddressFamily = head.key == "virtual6" ? .v6 : .v4
        if head.value.utf8.allSatisfy({ (48...57).contains($0) }) {
            guard let mark = UInt32(head.value), mark > 0 else {
                throw Unknown(text: "\(head.value) is no firewall mark")
            }
            return .firewallMark(mark, family)
        }
        let (host, port) = Self.parts(head.value)
        guard let port else { throw Unknown(text: "a virtual service needs a port") }
        return .address(
            try address(host, family), port: try self.port(port, transport), transport)
    }

    /// The text before and behind the last colon that is in no brackets.
    static func parts(_ text: some StringProtocol) -> (host: String, port: String?) {
        let text = String(text)
        guard let colon = text.lastIndex(of: ":"), text[colon...].firstIndex(of: "]") == nil else {
            return (text, nil)
        }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}
