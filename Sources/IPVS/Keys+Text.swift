// The names of services and destinations as the configuration writes them.

package import Weighting

extension ServiceKey {
    /// The inverse of `description`: `10.0.0.80:80/tcp`, `[fd00::80]:53/udp`, `fwmark:7`,
    /// `fwmark:7/ipv6`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0]
        let ending = parts.dropFirst().first
        if name.hasPrefix(Self.markPrefix) {
            // Mark 0 is what unmarked packets have: IPVS takes it for no mark.
            guard let mark = UInt32(decimal: name.dropFirst(Self.markPrefix.count)), mark > 0,
                ending == nil || ending == "ipv6"
            else { return nil }
            self = .firewallMark(mark, ending == nil ? .v4 : .v6)
        } else {
            guard let place = DestinationKey(String(name)),
                let transport = TransportProtocol.allCases.first(where: { $0.name == ending ?? "" })
            else { return nil }
            self = .address(place.address, port: place.port, transport)
        }
    }

    private static let markPrefix = "fwmark:"
}

extension DestinationKey {
    /// The inverse of `description`: `10.0.0.11:80`, `[fd00::11]:80`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(decimal: text[text.index(after: colon)...])
        else { return nil }
        var name = text[..<colon]
        let isBracketed = name.first == "[" && name.last == "]"
        if isBracketed { name = name.dropFirst().dropLast() }
        guard let address = Address(String(name)), isBracketed == (address.family == .v6) else {
            return nil
        }
        self.init(address: address, port: port)
    }
}

extension FixedWidthInteger {
    /// Digits only: no sign, no blank.
    fileprivate init?(decimal text: some StringProtocol) {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        self.init(text, radix: 10)
    }
}
