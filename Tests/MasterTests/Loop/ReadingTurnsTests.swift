// A large table is read in turns, and nothing of it is older than five seconds.

import Testing
import Weighting

@testable import Master

struct ReadingTurnsTests {
    private static func table(services: Int, members: Int) -> Table {
        Table(
            services: (0..<services).map { number in
                Table.Service(
                    key: .firewallMark(UInt32(number + 1), .v4), scheduler: .known(.wrr),
                    destinations: (0..<members).map {
                        Table.Destination(
                            key: DestinationKey(address: .v4(UInt32($0)), port: 80), weight: 1)
                    })
            })
    }

    private static func read(_ table: Table, _ keys: [ServiceKey]) -> Table {
        Table(services: keys.compactMap { table[service: $0] })
    }

    @Test func `a table of usual size is read whole at every tick`() {
        let table = Self.table(services: 100, members: 20)
        let keys = table.services.map(\.key)
        var turns = ReadingTurns()
        for _ in 0..<5 {
            let places = turns.places(of: keys, every: 0.5)
            #expect(places.count == 100)
            #expect(turns.take(Self.read(table, keys), at: places) == table)
        }
    }

    @Test(arguments: [0.1, 0.5, 2])
    func `of a large one each service is read within five seconds, and few at a time`(
        interval: Double
    ) {
        let table = Self.table(services: 150, members: 20)
        let keys = table.services.map(\.key)
        var turns = ReadingTurns()
        turns.restless = [keys[7]]
        var age = Array(repeating: 0.0, count: keys.count)
        for tick in 0..<100 {
            let places = turns.places(of: keys, every: interval)
            let read = turns.take(Self.read(table, places.map { keys[$0] }), at: places)
            #expect(read == table)
            if tick > 0 { #expect(Double(places.count) <= 150 * interval / 4 + 2) }
            #expect(places.contains(7))
            for place in age.indices { age[place] += interval }
            for place in places { age[place] = 0 }
            #expect(age.allSatisfy { $0 <= 5 })
        }
    }

    @Test func `what vanished is gone when its turn comes, and other keys are all read at once`() {
        var table = Self.table(services: 150, members: 20)
        let keys = table.services.map(\.key)
        var turns = ReadingTurns()
        var places = turns.places(of: keys, every: 0.5)
        _ = turns.take(table, at: places)
        table.services.remove(at: 3)
        var last = Table()
        for _ in 0..<8 {
            places = turns.places(of: keys, every: 0.5)
            last = turns.take(Self.read(table, places.map { keys[$0] }), at: places)
        }
        #expect(last == table)
        #expect(turns.places(of: Array(keys.dropLast()), every: 0.5).count == 149)
        turns.forget()
        #expect(turns.places(of: keys, every: 0.5).count == 150)
    }
}
