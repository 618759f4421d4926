// The kernel's table from tick to tick: mostly only counters move.

internal import Weighting

/// The newest table; both sides of a recording keep it alike.
struct TableMemory {
    private(set) var table = Table()

    private enum Form {
        static let whole: UInt8 = 0
        /// The service has the destinations that it had, in their order.
        static let changes: UInt8 = 1
    }

    /// What changed of a destination.
    ///
    /// Above these bits stands how many without a change it follows.
    private struct Change: OptionSet {
        let rawValue: UInt64

        static let weight = Change(rawValue: 1)
        static let active = Change(rawValue: 2)
        static let inactive = Change(rawValue: 4)
        static let persistent = Change(rawValue: 8)
        static let scheduled = Change(rawValue: 16)
        static let bitCount: UInt64 = 5
    }

    /// Writes what differs from the table before, and remembers it.
    mutating func write(_ next: Table, to writer: inout ByteWriter) {
        writer.number(UInt64(next.services.count))
        for index in next.services.indices {
            if table.services.indices.contains(index),
                Self.hasSameDestinations(table.services[index], next.services[index])
            {
                writer.byte(Form.changes)
                Self.write(
                    next.services[index].destinations,
                    since: table.services[index].destinations, to: &writer)
            } else {
                writer.byte(Form.whole)
                Self.write(next.services[index], to: &writer)
            }
        }
        table = next
    }

    private static func hasSameDestinations(
        _ one: borrowing Table.Service, _ other: borrowing Table.Service
    ) -> Bool {
        one.key == other.key && one.scheduler == other.scheduler
            && one.fallsBack == other.fallsBack
            && one.destinations.count == other.destinations.count
            && one.destinations.indices.allSatisfy {
                one.destinations[$0].key == other.destinations[$0].key
            }
    }

    private static func write(_ service: Table.Service, to writer: inout ByteWriter) {
        writer.key(service.key)
        writer.text(service.scheduler.name)
        writer.byte(service.fallsBack ? 1 : 0)
        writer.number(UInt64(service.destinations.count))
        for destination in service.destinations {
            writer.key(destination.key)
            writer.difference(from: 0, to: destination.weight)
            writer.difference(from: 0, to: destination.activeConnections)
            writer.difference(from: 0, to: destination.inactiveConnections)
            writer.difference(from: 0, to: destination.persistentConnections)
            writer.number(destination.scheduledConnections)
        }
    }

    private static func write(
        _ next: [Table.Destination], since before: [Table.Destination], to writer: inout ByteWriter
    ) {
        var unchanged: UInt64 = 0
        for index in next.indices {
            let (new, old) = (next[index], before[index])
            var change: Change = []
            if new.weight != old.weight { change.insert(.weight) }
            if new.activeConnections != old.activeConnections { change.insert(.active) }
            if new.inactiveConnections != old.inactiveConnections { change.insert(.inactive) }
            if new.persistentConnections != old.persistentConnections {
                change.insert(.persistent)
            }
            if new.scheduledConnections != old.scheduledConnections { change.insert(.scheduled) }
            guard !change.isEmpty else {
                unchanged += 1
                continue
            }
            writer.number(unchanged << Change.bitCount | change.rawValue)
            unchanged = 0
            if change.contains(.weight) { writer.difference(from: old.weight, to: new.weight) }
            if change.contains(.active) {
                writer.difference(from: old.activeConnections, to: new.activeConnections)
            }
            if change.contains(.inactive) {
                writer.difference(from: old.inactiveConnections, to: new.inactiveConnections)
            }
            if change.contains(.persistent) {
                writer.difference(from: old.persistentConnections, to: new.persistentConnections)
            }
            if change.contains(.scheduled) {
                writer.signed(
                    Int64(bitPattern: new.scheduledConnections &- old.scheduledConnections))
            }
        }
        if unchanged > 0 { writer.number(unchanged << Change.bitCount) }
    }

    /// Reads what ``write(_:to:)`` wrote, with what was read before.
    mutating func read(from reader: inout ByteReader) throws(JournalError) -> Table {
        var services: [Table.Service] = []
        for index in 0..<(try reader.count()) {
            switch try reader.byte() {
            case Form.whole:
                services.append(try Self.service(from: &reader))
            case Form.changes:
                guard table.services.indices.contains(index) else {
                    throw .damaged("a change is of no service")
                }
                var service = table.services[index]
                service.destinations = try Self.destinations(
                    since: service.destinations, from: &reader)
                services.append(service)
            default: throw .damaged("a service has no form")
            }
        }
        table = Table(services: services)
        return table
    }

    private static func service(
        from reader: inout ByteReader
    ) throws(JournalError) -> Table.Service {
        let key = try reader.serviceKey()
        let scheduler = Scheduler(name: try reader.text())
        let fallsBack = try reader.byte() != 0
        var destinations: [Table.Destination] = []
        for _ in 0..<(try reader.count()) {
            destinations.append(
                Table.Destination(
                    key: try reader.destinationKey(),
                    weight: try reader.measure(from: 0),
                    activeConnections: try reader.measure(from: 0),
                    inactiveConnections: try reader.measure(from: 0),
                    persistentConnections: try reader.measure(from: 0),
                    scheduledConnections: try reader.number()))
        }
        return Table.Service(
            key: key, scheduler: scheduler, fallsBack: fallsBack, destinations: destinations)
    }

    private static func destinations(
        since before: [Table.Destination], from reader: inout ByteReader
    ) throws(JournalError) -> [Table.Destination] {
        var destinations = before
        var index = 0
        while index < destinations.count {
            let head = try reader.number()
            guard head >> Change.bitCount <= UInt64(destinations.count - index) else {
                throw .damaged("a change is of no destination")
            }
            index += Int(head >> Change.bitCount)
            let change = Change(rawValue: head & (1 << Change.bitCount - 1))
            guard !change.isEmpty else { break }
            guard index < destinations.count else {
                throw .damaged("a change is of no destination")
            }
            let old = destinations[index]
            func number(_ part: Change, _ value: Int) throws(JournalError) -> Int {
                change.contains(part) ? try reader.measure(from: value) : value
            }
            destinations[index] = Table.Destination(
                key: old.key, weight: try number(.weight, old.weight),
                activeConnections: try number(.active, old.activeConnections),
                inactiveConnections: try number(.inactive, old.inactiveConnections),
                persistentConnections: try number(.persistent, old.persistentConnections),
                scheduledConnections: change.contains(.scheduled)
                    ? old.scheduledConnections &+ UInt64(bitPattern: try reader.signed())
                    : old.scheduledConnections)
            index += 1
        }
        return destinations
    }
}
