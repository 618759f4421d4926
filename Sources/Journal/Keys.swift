// How servers, services and destinations are named in records.

internal import Weighting

extension ByteWriter {
    mutating func address(_ address: Address) {
        switch address {
        case .v4(let bits):
            byte(4)
            number(bits)
        case .v6(let high, let low):
            byte(6)
            bits(high)
            bits(low)
        }
    }

    mutating func key(_ key: ServiceKey) {
        switch key {
        case .address(let address, let port, let transport):
            byte(0)
            self.address(address)
            number(UInt32(port))
            number(UInt32(transport.rawValue))
        case .firewallMark(let mark, let family):
            byte(family == .v4 ? 1 : 2)
            number(mark)
        }
    }

    mutating func key(_ key: DestinationKey) {
        address(key.address)
        number(UInt32(key.port))
    }
}

extension ByteReader {
    mutating func address() throws(JournalError) -> Address {
        switch try byte() {
        case 4: .v4(try number32())
        case 6: .v6(high: try bits(), low: try bits())
        default: throw .damaged("an address is of no family")
        }
    }

    mutating func serviceKey() throws(JournalError) -> ServiceKey {
        switch try byte() {
        case 0:
            let address = try address()
            let port = try short()
            guard let transport = TransportProtocol(rawValue: try short()) else {
                throw .damaged("a service is of no protocol")
            }
            return .address(address, port: port, transport)
        case 1: return .firewallMark(try number32(), .v4)
        case 2: return .firewallMark(try number32(), .v6)
        default: throw .damaged("a service has no kind")
        }
    }

    mutating func destinationKey() throws(JournalError) -> DestinationKey {
        DestinationKey(address: try address(), port: try short())
    }

    private mutating func short() throws(JournalError) -> UInt16 {
        guard let value = UInt16(exactly: try number()) else {
            throw .damaged("a number is too large")
        }
        return value
    }
}

// There are thousands of these two, and a segment begins with all of them: this takes a tenth of
// what their compiler-made conformances would.

extension Cluster.Server: StateValue {
    func put(to sink: StateSink) { sink.writer.text(name) }

    static func get(from source: StateSource) throws -> Cluster.Server {
        Cluster.Server(name: try source.reader.text())
    }
}

extension Cluster.Member: StateValue {
    func put(to sink: StateSink) {
        sink.writer.number(UInt64(clamping: server))
        sink.writer.key(destination)
        nominalCapacity.put(to: sink)
    }

    static func get(from source: StateSource) throws -> Cluster.Member {
        guard let server = Int(exactly: try source.reader.number()) else {
            throw JournalError.damaged("a number is too large")
        }
        return Cluster.Member(
            server: server, destination: try source.reader.destinationKey(),
            nominalCapacity: try Double.get(from: source))
    }
}
