// Windows: which is in force at each minute, and when that changes, by clocks that jump.

import Testing

@testable import Settings

struct PolicyWindowTests {
    private func zone() throws -> Zone {
        Zone(try #require(ZoneRule("CET-1CEST,M3.5.0,M10.5.0/3")))
    }

    private func window(
        _ days: String, _ from: String, _ to: String, _ policy: String = "p"
    ) throws -> PolicyWindow {
        PolicyWindow(
            days: try #require(read(days, .weekdays)),
            from: try #require(TimeOfDay.minutes(from)), to: try #require(TimeOfDay.minutes(to)),
            policy: policy)
    }

    private func read<Value>(_ text: String, _ reading: Reading<Value>) -> Value? {
        let reporter = Reporter()
        return TreeParser.parse(SourceText(path: "f", text: text), reporter: reporter)
            .flatMap { reading.read($0, reporter) }
    }

    @Test(arguments: [
        ("mon", "mon"), ("mon-fri", "mon-fri"), ("fri-mon", "mon,fri-sun"), ("sun-sat", "mon-sun"),
        ("tue-tue", "tue"), ("sat-sun", "sat-sun"),
    ])
    func `days are one, or from one to another`(text: String, shown: String) {
        #expect(read(text, .weekdays)?.text == shown)
    }

    @Test(arguments: ["monday", "mno", "mon-", "-", "mon-tue-wed", "Mon", "1"])
    func `other days are refused`(text: String) { #expect(read(text, .weekdays) == nil) }

    @Test(arguments: [("\"00:00\"", 0), ("\"08:30\"", 510), ("\"24:00\"", 1_440)])
    func `a time of day has hours and minutes`(text: String, minutes: Int) {
        #expect(read(text, .timeOfDay) == minutes)
    }

    @Test(arguments: [
        "08:00", "\"8:00\"", "\"24:01\"", "\"12:60\"", "\"-1:00\"", "\"08:00:00\"", "8",
    ])
    func `other times are refused`(text: String) { #expect(read(text, .timeOfDay) == nil) }

    @Test func `a window holds from its beginning up to its end`() throws {
        let windows = PolicyWindows([try window("mon-fri", "08:00", "18:00")])
        let zone = try zone()
        // Monday, 07:59 in Berlin.
        let before = ZoneTests.moment(2026, 11, 23, 6, 59)
        #expect(windows.inForce(at: before, in: zone).window == nil)
        #expect(windows.inForce(at: before, in: zone).until == before + 60)
        let first = windows.inForce(at: before + 60, in: zone)
        #expect(first.window == 0 && first.until == ZoneTests.moment(2026, 11, 23, 17))
        // Friday evening until Monday morning.
        let rest = windows.inForce(at: ZoneTests.moment(2026, 11, 27, 17), in: zone)
        #expect(rest.window == nil && rest.until == ZoneTests.moment(2026, 11, 30, 7))
    }

    @Test func `a window over midnight belongs to the day on which it begins`() throws {
        let windows = PolicyWindows([try window("sun", "22:00", "06:00")])
        let zone = Zone.utc
        for (day, hour, isIn) in [
            (22, 21, false), (22, 22, true), (23, 0, true), (23, 5, true), (23, 6, false),
            (22, 5, false), (23, 22, false),
        ] {
            let inForce = windows.inForce(at: ZoneTests.moment(2026, 11, day, hour), in: zone)
            #expect((inForce.window != nil) == isIn, "\(day) \(hour)")
        }
    }

    @Test func `an hour that clocks skip is in no window, and one they show twice is in it twice`()
        throws
    {
        let windows = PolicyWindows([try window("mon-sun", "02:00", "03:00")])
        let zone = try zone()
        // The day before, 03:00 is past; on the 29th of March there is no 02:00.
        let before = ZoneTests.moment(2026, 3, 28, 2)
        #expect(windows.inForce(at: before, in: zone).until == ZoneTests.moment(2026, 3, 30))
        // On the 25th of October 02:00 to 03:00 comes at 00:00 UTC, and at 01:00 again.
        let autumn = windows.inForce(at: ZoneTests.moment(2026, 10, 25), in: zone)
        #expect(autumn.window == 0 && autumn.until == ZoneTests.moment(2026, 10, 25, 2))
    }

    @Test func `a window that the spring skips for a week is seen all the same`() throws {
        let windows = PolicyWindows([try window("sun", "02:15", "02:45")])
        let inForce = windows.inForce(at: ZoneTests.moment(2026, 3, 22, 12), in: try zone())
        #expect(inForce.until == ZoneTests.moment(2026, 4, 5, 0, 15))
    }

    @Test func `of windows that overlap the first is in force, and a hidden one is found`() throws {
        let windows = PolicyWindows([
            try window("mon-fri", "08:00", "18:00", "a"), try window("mon", "07:00", "19:00", "b"),
            try window("mon-thu", "10:00", "17:00", "c"),
        ])
        func inForce(_ hour: Int) -> PolicyWindows.InForce {
            windows.inForce(at: ZoneTests.moment(2026, 11, 23, hour), in: .utc)
        }
        #expect([6, 7, 8, 17, 18, 19].map { inForce($0).window } == [nil, 1, 0, 0, 1, nil])
        #expect(inForce(8).until == ZoneTests.moment(2026, 11, 23, 18))
        #expect(windows.hidden == [2])
        #expect(windows.list.map(\.text).first == "mon-fri 08:00-18:00")
    }

    @Test func `what never changes says so, and is looked at again some day`() throws {
        let always = PolicyWindows([try window("mon-sun", "00:00", "24:00")])
        let now = ZoneTests.moment(2026, 11, 23)
        #expect(always.inForce(at: now, in: try zone()).until == nil)
        #expect(always.inForce(at: now, in: try zone()).window == 0)
        #expect(always.inForce(at: now, in: try zone()).lookAgain > now)
        #expect(PolicyWindows([]).inForce(at: now, in: .utc).until == nil)
    }

    @Test(arguments: [3, 10]) func `the next change is what every minute's look finds`(month: Int)
        throws
    {
        let zone = try zone()
        var dice = Dice(state: UInt64(month))
        for _ in 0..<10 {
            let windows = PolicyWindows(
                (0..<3).map { _ in
                    let (from, length) = (Int.random(in: 0..<96, using: &dice) * 15, 15)
                    let to = (from + length * Int.random(in: 1...60, using: &dice)) % 1_440
                    return PolicyWindow(
                        days: Weekdays([Weekday.allCases.randomElement(using: &dice) ?? .sun, .sat]
                        ),
                        from: from, to: to, policy: "p")
                })
            let start = ZoneTests.moment(2026, month, 20)
            let minutes = (0..<14 * 1_440).map { start + $0 * 60 }
            let found = minutes.map { windows.window(at: $0, in: zone) }
            for index in stride(from: 0, to: 5 * 1_440, by: 397) {
                let next = minutes.indices.first { $0 > index && found[$0] != found[index] }
                let until = windows.inForce(at: minutes[index], in: zone).until
                if let next { #expect(until == minutes[next], "\(windows.list)") }
            }
        }
    }
}

/// The same numbers each time.
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 33
    }
}
