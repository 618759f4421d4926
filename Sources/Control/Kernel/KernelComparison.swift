// What a configuration that was read says, beside what the kernel holds. Pure.

internal import IPVS
internal import Weighting

/// The differences of two sets of services, a line each.
struct KernelComparison {
    private(set) var differences: [String] = []

    init(_ file: Adopted, kernel: Adopted) {
        let held = Dictionary(kernel.services.map { ($0.key, $0) }) { first, _ in first }
        let named = Set(file.services.map(\.key))
        for service in file.services {
            if let other = held[service.key] {
                compare(service, other)
            } else {
                differences.append("\(service.key): not in the kernel")
            }
        }
        for service in kernel.services where !named.contains(service.key) {
            differences.append("\(service.key): in the kernel only")
        }
    }

    private mutating func compare(_ service: AdoptedService, _ held: AdoptedService) {
        func tell(_ what: String, _ file: String, _ kernel: String, of place: String = "") {
            guard file != kernel else { return }
            let subject = place.isEmpty ? "\(service.key)" : "\(service.key) \(place)"
            differences.append(
                "\(subject): \(what) is \(file) in the file, \(kernel) in the kernel")
        }
        tell("the scheduler", service.scheduler, held.scheduler)
        tell("flags", service.flagText, held.flagText)
        tell(
            "persistence", service.persistenceText, held.persistenceText)
        tell("one_packet", "\(service.isOnePacket)", "\(held.isOnePacket)")
        let servers = Dictionary(held.members.map { ($0.destination, $0) }) { first, _ in first }
        var named = Set(service.members.map(\.destination))
        for member in service.members {
            let place = "\(member.destination)"
            guard let other = servers[member.destination] else {
                differences.append("\(service.key) \(place): not in the kernel")
                continue
            }
            if !other.isOnDirector {
                tell("forward", member.forward.text, other.forward.text, of: place)
            }
            tell("the weight", "\(member.weight)", "\(other.weight)", of: place)
            tell("upper", "\(member.upper)", "\(other.upper)", of: place)
            tell("lower", "\(member.lower)", "\(other.lower)", of: place)
        }
        // In place of all others, while too few of them are up.
        if let sorry = service.sorry { named.insert(sorry.destination) }
        for member in held.members where !named.contains(member.destination) {
            differences.append("\(service.key) \(member.destination): in the kernel only")
        }
    }

    /// One line for each difference, and their number.
    var text: String {
        let shown = differences.prefix(Self.most).map { "\(printable($0))\n" }.joined()
        let rest = differences.count - Self.most
        return shown + (rest > 0 ? "and \(rest) more\n" : "")
            + (differences.isEmpty ? "the kernel holds the same\n" : "")
    }

    private static let most = 1000
}

extension AdoptedService {
    fileprivate var flagText: String {
        let flags = Set(schedulerFlags).sorted()
        return flags.isEmpty ? "none" : flags.joined(separator: ",")
    }

    fileprivate var persistenceText: String {
        guard let persistence else { return "none" }
        var text = "\(persistence.timeoutSeconds)s"
        if let mask = persistence.prefixLength(key.addressFamily) { text += "/\(mask)" }
        return text + (persistence.engine.map { " \($0)" } ?? "")
    }
}

extension AdoptedPersistence {
    /// However it is written; nothing where each address is a client.
    fileprivate func prefixLength(_ family: AddressFamily) -> Int? {
        guard let netmask else { return nil }
        let length: Int?
        if case .v4(let bits)? = Address(netmask) {
            length = (~bits).leadingZeroBitCount
        } else {
            length = Int(netmask)
        }
        return length == (family == .v4 ? 32 : 128) ? nil : length
    }
}

extension AdoptedForward {
    fileprivate var text: String {
        switch self {
        case .masq: return "masq"
        case .direct: return "direct"
        case .tunnel(let tunnel):
            let port = tunnel.port.map { " \($0)" } ?? ""
            let checksum = tunnel.checksum == "none" ? "" : " \(tunnel.checksum)"
            return "tunnel \(tunnel.type)\(port)\(checksum)"
        }
    }
}
