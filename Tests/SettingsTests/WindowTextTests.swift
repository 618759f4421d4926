// Times as people write them on one line of a command.

import Testing

@testable import Settings

@Suite struct WindowTextTests {
    @Test func `a line of days and times is a window`() throws {
        #expect(try PolicyWindow(line: "mon-fri 02:00-03:00").text == "mon-fri 02:00-03:00")
        #expect(try PolicyWindow(line: "02:00-03:00").text == "mon-sun 02:00-03:00")
        #expect(try PolicyWindow(line: "sat,mon-tue 22:00-06:00").text == "mon-tue,sat 22:00-06:00")
        #expect(try PolicyWindow(line: "fri-mon 00:00-24:00").text == "mon,fri-sun 00:00-24:00")
        for line in [
            "", "mon", "mon-fri", "mon fri 1", "mon 2:00-3:00", "mon 02:00", "24:00-01:00",
        ] {
            #expect(throws: Complaint.self) { try PolicyWindow(line: line) }
        }
    }

    @Test func `a time without a day is the next one, and with a day that day's`() throws {
        // Monday the 23rd of November 2026, noon.
        let noon = 1_795_435_200
        #expect(try Zone.utc.moment("12:30", after: noon) == noon + 1_800)
        #expect(try Zone.utc.moment("12:00", after: noon) == noon + 86_400)
        #expect(try Zone.utc.moment("2026-11-24 00:00", after: noon) == noon + 43_200)
        #expect(try Zone.utc.moment("2026-11-24T00:00", after: noon) == noon + 43_200)
        let zone = try #require(ZoneRule("CET-1CEST,M3.5.0,M10.5.0/3").map { Zone($0) })
        #expect(try zone.moment("13:30", after: noon) == noon + 1_800)
        for text in ["", "noon", "12", "2026-13-01 10:00", "26-11-24 10:00", "2026-11-24 10:00 x"] {
            #expect(throws: Complaint.self) { try Zone.utc.moment(text, after: noon) }
        }
    }

    @Test func `where clocks change, a time is the first of two, or the one after the gap`() throws
    {
        let zone = try #require(ZoneRule("CET-1CEST,M3.5.0,M10.5.0/3").map { Zone($0) })
        // 2027-03-28: 02:30 is skipped. 2027-10-31: 02:30 comes twice.
        let gap = try zone.moment("2027-03-28 02:30", after: 0)
        #expect(zone.text(gap) == "sun 2027-03-28 03:30 +02:00")
        let twice = try zone.moment("2027-10-31 02:30", after: 0)
        #expect(zone.text(twice) == "sun 2027-10-31 02:30 +02:00")
        for day in ["2027-03-28", "2027-10-31"] {
            for time in ["00:30", "05:00", "23:00"] {
                let moment = try zone.moment("\(day) \(time)", after: 0)
                #expect(zone.text(moment).hasPrefix("sun \(day) \(time)"))
            }
        }
    }
}
