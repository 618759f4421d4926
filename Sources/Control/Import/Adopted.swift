// What was read from somebody else's configuration, on its way to ours: services, servers, and what
// has no counterpart.

internal import Weighting

/// A line of the file that is taken over.
struct Origin: Equatable, CustomStringConvertible {
    let path: String
    let line: Int

    var description: String { "\(path):\(line)" }
}

/// Something that the old configuration says and ours cannot.
struct Remark: Equatable {
    let origin: Origin?
    let text: String
    /// A service or a server is missing for it: the import says so, and ends with 1.
    var isLoss = false
}

/// Everything that one import found.
struct Adopted {
    var services: [AdoptedService] = []
    /// Of no service.
    var remarks: [Remark] = []
    /// What belongs into master.yaml, below `ipvs`, a line each.
    var masterLines: [String] = []

    /// As the master's own limits: more would be refused there.
    static let mostServices = 1000
    static let mostMembers = 1000

    var allRemarks: [Remark] {
        remarks + services.flatMap { $0.remarks + $0.members.flatMap(\.remarks) }
    }

    var losses: [Remark] { allRemarks.filter(\.isLoss) }
}

/// A virtual service.
struct AdoptedService {
    let key: ServiceKey
    let origin: Origin?
    /// What the old configuration calls it, if it does.
    var title: String?
    /// What the old configuration says of it for people.
    var note: String?
    var scheduler = "wlc"
    /// `fallback` and `port`.
    var schedulerFlags: [String] = []
    var persistence: AdoptedPersistence?
    var isOnePacket = false
    var removesOnFailure = false
    var quorum: String?
    var hysteresis: String?
    var sorry: AdoptedMember?
    var checks: [AdoptedCheck] = []
    var members: [AdoptedMember] = []
    var remarks: [Remark] = []

    init(key: ServiceKey, origin: Origin?) {
        self.key = key
        self.origin = origin
    }

    var port: UInt16? {
        switch key {
        case .address(_, let port, _): port
        case .firewallMark: nil
        }
    }

    /// What most servers have: written once, for the service.
    var forward: AdoptedForward { members.map(\.forward).mostFrequent ?? .masq }
}

struct AdoptedPersistence: Equatable {
    var timeoutSeconds: Int
    /// Dotted decimal, or a prefix length for IPv6.
    var netmask: String?
    var engine: String?
}

/// How packets get to a server.
enum AdoptedForward: Hashable {
    case masq
    case direct
    case tunnel(AdoptedTunnel)
}

struct AdoptedTunnel: Hashable {
    /// ipip, gue or gre.
    var type = "ipip"
    var port: Int?
    /// none, csum or remcsum.
    var checksum = "none"
}

/// A real server in a service.
struct AdoptedMember {
    var address: Address
    var port: UInt16
    let origin: Origin?
    var forward = AdoptedForward.masq
    var weight = 1
    /// Connections; 0 is none.
    var upper = 0
    var lower = 0
    /// The kernel tells no way to forward of a server that is the director itself.
    var isOnDirector = false
    /// In its own words; the service takes what most of its members have.
    var checks: [AdoptedCheck] = []
    var remarks: [Remark] = []

    init(address: Address, port: UInt16, origin: Origin?) {
        self.address = address
        self.port = port
        self.origin = origin
    }

    var destination: DestinationKey { DestinationKey(address: address, port: port) }
}

/// A check, with the keys of ours and their values as the file writes them.
struct AdoptedCheck: Hashable {
    let type: String
    var settings: [Setting] = []

    struct Setting: Hashable {
        let key: String
        let value: YAMLText
    }

    init(_ type: String) { self.type = type }

    mutating func set(_ key: String, _ value: YAMLText?) {
        guard let value else { return }
        settings.removeAll { $0.key == key }
        settings.append(Setting(key: key, value: value))
    }
}

extension Sequence where Element: Hashable {
    /// The first of those that stand here most often.
    var mostFrequent: Element? {
        var counts: [Element: Int] = [:]
        var best: (element: Element, count: Int)?
        let all = Array(self)
        for element in all { counts[element, default: 0] += 1 }
        for element in all {
            let count = counts[element, default: 0]
            if count > best?.count ?? 0 { best = (element, count) }
        }
        return best?.element
    }
}
