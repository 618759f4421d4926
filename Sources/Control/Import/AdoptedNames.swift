// Names for services and servers that have none: from the old configuration, a hosts file, or their
// addresses.

internal import Weighting

struct AdoptedNames {
    private var services: [ServiceKey: String] = [:]
    private var servers: [DestinationKey: String] = [:]

    init(_ adopted: Adopted, hosts: HostsFile) {
        var taken: Set<String> = []
        for service in adopted.services {
            let wanted = service.title.map(Self.name) ?? Self.name("\(service.key)")
            var name = wanted
            var number = 2
            while !taken.insert(name).inserted {
                let ending = "-\(number)"
                name = wanted.prefix(NameRule.mostBytes - ending.utf8.count) + ending
                number += 1
            }
            services[service.key] = name
        }
        // A machine that serves one service at two ports is two members, and needs two names; one
        // destination has one name wherever it serves.
        var doubled: Set<Address> = []
        for service in adopted.services {
            var seen: Set<Address> = []
            for member in service.members where !seen.insert(member.address).inserted {
                doubled.insert(member.address)
            }
        }
        for service in adopted.services {
            for member in service.members {
                let host = hosts.names[member.address] ?? "\(member.address)"
                let text = doubled.contains(member.address) ? "\(host)-\(member.port)" : host
                servers[member.destination] = Self.name(text)
            }
        }
    }

    func service(_ key: ServiceKey) -> String { services[key] ?? "service" }
    func server(_ key: DestinationKey) -> String { servers[key] ?? "server" }

    /// The text with a dash for everything that a name may not have.
    private static func name(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Character in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": Character(scalar)
            default: "-"
            }
        }
        var name = String(scalars).drop { $0 == "[" || $0 == "-" && text.hasPrefix("[") }
        if name.first?.isLetter != true && name.first?.isNumber != true { name = "0" + name }
        return String(name.prefix(NameRule.mostBytes))
    }
}
