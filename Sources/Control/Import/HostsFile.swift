// A file like /etc/hosts: names of addresses, and addresses of names.

internal import IPVS
internal import Weighting

struct HostsFile {
    private(set) var addresses: [String: [Address]] = [:]
    private(set) var names: [Address: String] = [:]

    init() {}

    /// `ADDRESS NAME...` in each line; the first name of an address counts, as for the resolver.
    init(_ text: String) {
        for line in TextFile.lines(of: text) {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard let first = words.first, let address = Address(first) else { continue }
            for name in words.dropFirst() { addresses[name, default: []].append(address) }
            if names[address] == nil { names[address] = words.dropFirst().first }
        }
    }

    func address(of name: String, _ family: AddressFamily) -> Address? {
        addresses[name]?.first { $0.isOf(family) }
    }
}

extension Address {
    func isOf(_ family: AddressFamily) -> Bool {
        switch (self, family) {
        case (.v4, .v4), (.v6, .v6): true
        case (.v4, .v6), (.v6, .v4): false
        }
    }
}
