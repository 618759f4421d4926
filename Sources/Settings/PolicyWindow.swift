// When a policy holds: on which days of the week, and from when to when.

/// A time of the week in which a service has another policy.
package struct PolicyWindow: Equatable, Sendable {
    package let days: Weekdays
    /// Minutes of the day, 0 to 1439.
    package let from: Int
    /// Minutes of the day, 1 to 1440; one that is not after `from` is of the next day.
    package let to: Int
    /// The name of the policy.
    package let policy: String

    package init(days: Weekdays, from: Int, to: Int, policy: String) {
        (self.days, self.from, self.to, self.policy) = (days, from, to, policy)
    }

    static let minutesOfDay = 1_440
    /// Where a day ends, and no window begins.
    package static let lastMinute = minutesOfDay
    package static let minutesOfWeek = 7 * minutesOfDay

    private var length: Int { to > from ? to - from : to - from + Self.minutesOfDay }

    /// Whether it is in force in that minute, counted from the midnight before Monday.
    package func contains(minuteOfWeek minute: Int) -> Bool {
        days.contains { day in
            let begin = day.rawValue * Self.minutesOfDay + from
            return CivilDate.floored(minute - begin, by: Self.minutesOfWeek).1 < length
        }
    }

    /// The minutes of the week in which it begins or ends.
    var edges: [Int] {
        days.flatMap { day in
            let begin = day.rawValue * Self.minutesOfDay + from
            return [begin, (begin + length) % Self.minutesOfWeek]
        }
    }

    /// As in `mon-fri 08:00-18:00`.
    package var text: String {
        "\(days.text) \(TimeOfDay.text(minutes: from))-\(TimeOfDay.text(minutes: to))"
    }
}

/// A day of the week.
package enum Weekday: Int, CaseIterable, Sendable {
    case mon, tue, wed, thu, fri, sat, sun

    package var name: String { "\(self)" }

    fileprivate static func named(_ name: Substring) -> Weekday? {
        allCases.first { $0.name == name }
    }
}

/// Days of the week, one at least, in their order.
package struct Weekdays: Equatable, Sendable, Sequence {
    private var days: [Weekday]

    package init(_ days: some Sequence<Weekday>) {
        let days = Set(days)
        self.days = Weekday.allCases.filter(days.contains)
    }

    package func makeIterator() -> IndexingIterator<[Weekday]> { days.makeIterator() }

    /// Runs of days with their ends, as in `mon-wed,sat`.
    package var text: String {
        var runs: [(first: Weekday, last: Weekday)] = []
        for day in days {
            if let last = runs.last, last.last.rawValue + 1 == day.rawValue {
                runs[runs.count - 1].last = day
            } else {
                runs.append((day, day))
            }
        }
        return runs.map { $0 == $1 ? $0.name : "\($0.name)-\($1.name)" }.joined(separator: ",")
    }
}

/// A time of day as people write it.
package enum TimeOfDay {
    package static func text(minutes: Int) -> String {
        "\(CivilDate.two(minutes / 60)):\(CivilDate.two(minutes % 60))"
    }

    /// Minutes; nothing for other text than `00:00` to `24:00`.
    static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
            ),
            let hours = Int(parts[0]), let minutes = Int(parts[1]), minutes < 60
        else { return nil }
        let time = hours * 60 + minutes
        return time <= PolicyWindow.minutesOfDay ? time : nil
    }
}

extension Reading<Int> {
    /// A time of day, in minutes.
    package static let timeOfDay = Reading("a time of day such as \"08:00\"") {
        (scalar) throws(Complaint) in
        let text = try scalar.asText("a time of day")
        guard let minutes = TimeOfDay.minutes(text) else {
            throw Complaint(
                "\"\(text)\" is not a time of day",
                remedy: "write hours and minutes with two digits each, \"00:00\" to \"24:00\"")
        }
        return minutes
    }
}

extension Reading<Weekdays> {
    /// A day of the week, or two with - between them, of which the first may be the later.
    package static let weekdays = Reading("a day such as mon, or days such as mon-fri") {
        (scalar) throws(Complaint) in
        try Weekdays(range: scalar.text)
    }
}

extension Weekdays {
    /// One day, or two with - between them.
    init(range text: some StringProtocol) throws(Complaint) {
        let ends = Substring(text).split(separator: "-", omittingEmptySubsequences: false)
        let days = ends.compactMap(Weekday.named)
        guard (1...2).contains(ends.count), days.count == ends.count, let first = days.first,
            let last = days.last
        else {
            throw Complaint(
                "\"\(text)\" is no day of the week",
                remedy: Suggestion.remedy(
                    for: String(ends.first { Weekday.named($0) == nil } ?? ""),
                    known: Weekday.allCases.map(\.name)))
        }
        let count = CivilDate.floored(last.rawValue - first.rawValue, by: 7).1
        self.init(
            Weekday.allCases.filter {
                CivilDate.floored($0.rawValue - first.rawValue, by: 7).1 <= count
            })
    }
}
