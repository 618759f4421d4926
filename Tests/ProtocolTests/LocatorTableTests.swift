// Locators are found in a table of our own.

import Testing

@testable import Protocol

@Suite struct LocatorTableTests {
    @Test func `every locator is found again, and no other`() {
        var random = SplitMix(state: 3)
        var table = LocatorTable(count: 5_000)
        var model: [Locator: LocatorTable.Entry] = [:]
        while model.count < 5_000 {
            // Few low bits, so that many want the same place.
            let locator = Locator(rawValue: random.next() & 0xFFFF_0000_00FF)
            let isNew = model[locator] == nil
            let entry = LocatorTable.Entry(pair: model.count, agent: model.count / 2)
            #expect(table.insert(locator, entry) == isNew)
            if isNew { model[locator] = entry }
        }
        for (locator, entry) in model { #expect(table[locator] == entry) }
        for _ in 0..<1_000 {
            let locator = Locator(rawValue: random.next())
            #expect(table[locator] == model[locator])
        }
    }
}
