// Time zones: rules as text, files byte by byte, and the system's own against Foundation's.

import Foundation
import Testing

@testable import Settings

struct ZoneTests {
    /// Seconds since 1970 of a moment in UTC.
    static func moment(
        _ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0
    ) -> Int {
        CivilDate(year: year, month: month, day: day).daysSince1970 * 86_400 + hour * 3600
            + minute * 60
    }

    @Test func `dates and days count the same way back and forth`() {
        #expect(CivilDate(daysSince1970: 0) == CivilDate(year: 1970, month: 1, day: 1))
        #expect(CivilDate(daysSince1970: 20_780).text == "2026-11-23")
        var before = CivilDate(daysSince1970: -200_001)
        for days in -200_000...200_000 {
            let date = CivilDate(daysSince1970: days)
            #expect(date.daysSince1970 == days)
            let isNext =
                (date.year, date.month, date.day) == (before.year, before.month, before.day + 1)
                || date.day == 1 && before.day >= 28
            #expect(isNext)
            before = date
        }
    }

    @Test func `summer time begins and ends at the second`() throws {
        let zone = Zone(try #require(ZoneRule("CET-1CEST,M3.5.0,M10.5.0/3")))
        let (spring, autumn) = (Self.moment(2026, 3, 29, 1), Self.moment(2026, 10, 25, 1))
        #expect(zone.aheadSeconds(at: spring - 1) == 3600)
        #expect(zone.aheadSeconds(at: spring) == 7200)
        #expect(zone.aheadSeconds(at: autumn - 1) == 7200)
        #expect(zone.aheadSeconds(at: autumn) == 3600)
        #expect(zone.change(after: spring - 1) == spring)
        #expect(zone.change(after: spring) == autumn)
        #expect(zone.change(after: autumn) == Self.moment(2027, 3, 28, 1))
        #expect(zone.text(spring) == "sun 2026-03-29 03:00 +02:00")
        #expect(zone.text(Self.moment(2026, 1, 1)) == "thu 2026-01-01 01:00 +01:00")
    }

    @Test func `south of the equator summer goes over the end of the year`() throws {
        let zone = Zone(try #require(ZoneRule("AEST-10AEDT,M10.1.0,M4.1.0/3")))
        #expect(zone.aheadSeconds(at: Self.moment(2026, 12, 31, 23)) == 11 * 3600)
        #expect(zone.aheadSeconds(at: Self.moment(2027, 1, 1)) == 11 * 3600)
        #expect(zone.aheadSeconds(at: Self.moment(2026, 7, 1)) == 10 * 3600)
    }

    @Test(arguments: [
        ("UTC0", 0), ("<+0330>-3:30", 12_600), ("EST5", -18_000),
        ("<-03>3<-02>,0/0,J365/23", -7200),
        ("XXX-1YYY-3,J60/0,J61/0", 3600), ("XXX-1YYY-3,59/0,61/0", 3600),
    ])
    func `other forms of rules are understood`(text: String, ahead: Int) throws {
        #expect(
            Zone(try #require(ZoneRule(text))).aheadSeconds(at: Self.moment(2025, 6, 1)) == ahead)
    }

    @Test func `a day of the year counts the leap day or does not`() throws {
        // The 1st of March: J60 in every year, day 60 from 0 in leap years.
        let julian = Zone(try #require(ZoneRule("XXX0YYY,J60/0,J365/0")))
        let counted = Zone(try #require(ZoneRule("XXX0YYY,60/0,364/0")))
        for zone in [julian, counted] {
            #expect(zone.aheadSeconds(at: Self.moment(2024, 3, 1) - 1) == 0)
            #expect(zone.aheadSeconds(at: Self.moment(2024, 3, 1)) == 3600)
        }
        #expect(julian.aheadSeconds(at: Self.moment(2025, 3, 1)) == 3600)
        #expect(counted.aheadSeconds(at: Self.moment(2025, 3, 1)) == 0)
    }

    @Test(arguments: [
        "", "CE-1", "CET", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x",
        "<CET-1", "CET-1:60", "CET-1CEST,J0,J5", "CET-1CEST,366,5", "CET-0001",
    ])
    func `other text is no rule`(text: String) { #expect(ZoneRule(text) == nil) }

    /// A file with two changes and a rule behind them.
    private var file: [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        let header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
        let none =
            [0, 0, 0, 0, 1, 4].flatMap { number($0, 4) } + number(0, 4) + [0, 0, 85, 84, 67, 0]
        let counts = [0, 0, 0, 2, 2, 4].flatMap { number($0, 4) }
        let times = number(1_000, 8) + number(2_000, 8) + [1, 0]
        let kinds = number(-3600, 4) + [0, 0] + number(1800, 4) + [1, 0] + Array("ABC\0".utf8)
        return header + none + header + counts + times + kinds + Array("\nXXX-2\n".utf8)
    }

    @Test func `a file's changes hold, and its rule after them`() throws {
        let zone = try #require(Zone(file: file))
        #expect([0, 999].map(zone.aheadSeconds) == [-3600, -3600])
        #expect([1_000, 1_999].map(zone.aheadSeconds) == [1800, 1800])
        #expect(zone.aheadSeconds(at: 2_000) == 7200)
        #expect(zone.change(after: 0) == 1_000)
        #expect(zone.change(after: 1_000) == 2_000)
        #expect(zone.change(after: 2_000) == nil)
    }

    @Test func `a file that was cut or changed is refused or read, and never stops anything`() {
        let whole = file
        for count in whole.indices { #expect(Zone(file: Array(whole[..<count])) == nil) }
        for index in whole.indices {
            for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
                var bytes = whole
                bytes[index] = value
                _ = Zone(file: bytes)?.aheadSeconds(at: 1_500)
            }
        }
    }

    private static let hasFiles =
        FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Europe/Berlin")

    @Test(
        .enabled(if: hasFiles),
        arguments: [
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
            "America/Sao_Paulo", "Pacific/Apia", "UTC",
        ])
    func `the system's zones are what others make of them`(name: String) throws {
        let zone = try Zone.named(name)
        let theirs = try #require(TimeZone(identifier: name))
        var moment = Self.moment(1990, 1, 1)
        while moment < Self.moment(2060, 1, 1) {
            let date = Date(timeIntervalSince1970: Double(moment))
            #expect(zone.aheadSeconds(at: moment) == theirs.secondsFromGMT(for: date))
            moment += 5 * 86_400 + 3_607
        }
    }

    @Test func `a zone that is not there is told with its remedy`() {
        let reporter = Reporter()
        let tree = TreeParser.parse(
            SourceText(path: "f", text: "../../etc/passwd"), reporter: reporter)
        #expect(tree.flatMap { Reading<String>.zone.read($0, reporter) } == nil)
        #expect(throws: Complaint.self) { try Zone.named("Europe/Nowhere") }
    }
}
