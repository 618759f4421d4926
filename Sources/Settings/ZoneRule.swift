// A time zone as one line of text, such as CET-1CEST,M3.5.0,M10.5.0/3: the form of POSIX.

/// The rule of a zone for all years: its standard time, and from when to when summer time holds.
package struct ZoneRule: Equatable, Sendable {
    /// How far local time is ahead of UTC.
    private let standardSeconds: Int
    private let summer: Summer?

    fileprivate struct Summer: Equatable, Sendable {
        let aheadSeconds: Int
        let start: Day
        let end: Day
    }

    /// A day of each year, and the local time of the change, in seconds from its midnight.
    fileprivate struct Day: Equatable, Sendable {
        let form: Form
        let seconds: Int

        enum Form: Equatable, Sendable {
            /// 1 to 365; the 29th of February is never counted.
            case withoutLeapDay(Int)
            /// 0 to 365.
            case ofYear(Int)
            /// The weekday (0 is Sunday) of that week of the month; 5 is the last one.
            case ofWeek(month: Int, week: Int, weekday: Int)
        }
    }

    /// Nothing for text of another form.
    package init?(_ text: some StringProtocol) {
        var reader = Reader(rest: Array(text.utf8)[...])
        guard reader.name(), let behind = reader.time(mostHours: 24) else { return nil }
        standardSeconds = -behind
        guard !reader.rest.isEmpty else {
            summer = nil
            return
        }
        guard reader.name() else { return nil }
        var ahead = standardSeconds + 3600
        if reader.rest.first != UInt8(ascii: ",") {
            guard let behind = reader.time(mostHours: 24) else { return nil }
            ahead = -behind
        }
        guard let start = reader.day(), let end = reader.day(), reader.rest.isEmpty else {
            return nil
        }
        summer = Summer(aheadSeconds: ahead, start: start, end: end)
    }

    /// How far local time is ahead of UTC at that moment, seconds.
    func aheadSeconds(at unixSeconds: Int) -> Int {
        guard let summer else { return standardSeconds }
        let (start, end) = changes(ofYear: year(at: unixSeconds), summer)
        // South of the equator summer goes over the end of the year.
        let isSummer =
            start < end
            ? (start..<end).contains(unixSeconds) : !(end..<start).contains(unixSeconds)
        return isSummer ? summer.aheadSeconds : standardSeconds
    }

    /// The next moment at which that may change; nothing where it never does.
    func change(after unixSeconds: Int) -> Int? {
        guard let summer else { return nil }
        let year = year(at: unixSeconds)
        return [year, year + 1].flatMap { year in
            let (start, end) = changes(ofYear: year, summer)
            return [start, end]
        }.filter { $0 > unixSeconds }.min()
    }

    private func year(at unixSeconds: Int) -> Int {
        let days = CivilDate.floored(unixSeconds + standardSeconds, by: 86_400).0
        return CivilDate(daysSince1970: days).year
    }

    private func changes(ofYear year: Int, _ summer: Summer) -> (start: Int, end: Int) {
        (
            summer.start.unixSeconds(ofYear: year) - standardSeconds,
            summer.end.unixSeconds(ofYear: year) - summer.aheadSeconds
        )
    }
}

extension ZoneRule.Day {
    /// As if local time were UTC.
    fileprivate func unixSeconds(ofYear year: Int) -> Int {
        let first = CivilDate(year: year, month: 1, day: 1)
        let days: Int
        switch form {
        case .withoutLeapDay(let day):
            days = first.daysSince1970 + day - (first.isLeapYear && day >= 60 ? 0 : 1)
        case .ofYear(let day):
            days = first.daysSince1970 + day
        case .ofWeek(let month, let week, let weekday):
            let begin = CivilDate(year: year, month: month, day: 1).daysSince1970
            let next =
                CivilDate(
                    year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1
                ).daysSince1970
            // 1970 began with a Thursday.
            let firstWeekday = CivilDate.floored(begin + 4, by: 7).1
            let found = begin + CivilDate.floored(weekday - firstWeekday, by: 7).1 + 7 * (week - 1)
            days = found < next ? found : found - 7
        }
        return days * 86_400 + seconds
    }
}

extension ZoneRule {
    private struct Reader {
        var rest: ArraySlice<UInt8>

        private mutating func take(_ character: Character) -> Bool {
            guard let byte = character.asciiValue, rest.first == byte else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// Of three letters at least, or in angle brackets; what it is nobody needs.
        mutating func name() -> Bool {
            if take("<") {
                rest = rest.drop { $0 != UInt8(ascii: ">") }
                return take(">")
            }
            let letters = rest.prefix { (0x41...0x5A).contains($0 & 0xDF) }
            rest = rest.dropFirst(letters.count)
            return letters.count >= 3
        }

        private mutating func number(_ allowed: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            guard (1...3).contains(digits.count) else { return nil }
            let number = digits.reduce(0) { $0 * 10 + Int($1 & 0x0F) }
            return allowed.contains(number) ? number : nil
        }

        /// Hours, and minutes and seconds where they are given.
        mutating func time(mostHours: Int) -> Int? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard var seconds = number(0...mostHours).map({ $0 * 3600 }) else { return nil }
            for unit in [60, 1] where take(":") {
                guard let part = number(0...59) else { return nil }
                seconds += part * unit
            }
            return isNegative ? -seconds : seconds
        }

        mutating func day() -> Day? {
            guard take(","), let form = form() else { return nil }
            guard take("/") else { return Day(form: form, seconds: 2 * 3600) }
            // A week ahead or behind, as RFC 9636 §3.3.1 allows.
            return time(mostHours: 167).map { Day(form: form, seconds: $0) }
        }

        private mutating func form() -> Day.Form? {
            if take("J") { return number(1...365).map(Day.Form.withoutLeapDay) }
            guard take("M") else { return number(0...365).map(Day.Form.ofYear) }
            guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                let weekday = number(0...6)
            else { return nil }
            return .ofWeek(month: month, week: week, weekday: weekday)
        }
    }
}
