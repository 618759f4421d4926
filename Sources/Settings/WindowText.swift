// Times of the week, and moments, as people write them in one line of a command.

/// A time of the week in one line: `mon-fri 02:00-03:00`, `sat,sun 22:00-06:00`, `02:00-03:00`.
extension PolicyWindow {
    /// Without a policy; every day where no day is named.
    package init(line: String) throws(Complaint) {
        let words = line.split(separator: " ")
        guard let times = words.last, (1...2).contains(words.count) else {
            throw Self.complaint(line)
        }
        let ends = times.split(separator: "-", omittingEmptySubsequences: false)
            .map { TimeOfDay.minutes(String($0)) }
        guard ends.count == 2, let from = ends[0], let to = ends[1] else {
            throw Self.complaint(line)
        }
        guard from < Self.lastMinute, from != to else {
            throw Complaint(
                "\"\(line)\" begins at 24:00, or ends when it begins",
                remedy: "a time that passes midnight is written as 22:00-06:00")
        }
        var days: [Weekday] = words.count == 1 ? Weekday.allCases : []
        for part in words.count == 2
            ? words[0].split(separator: ",", omittingEmptySubsequences: false) : []
        {
            days += try Weekdays(range: part)
        }
        self.init(days: Weekdays(days), from: from, to: to, policy: "")
    }

    private static func complaint(_ line: String) -> Complaint {
        Complaint(
            "\"\(line)\" is no time of the week",
            remedy: "write days and times, as in mon-fri 02:00-03:00, or times alone")
    }
}

extension Zone {
    /// The moment that a person means who writes `02:00`, for the next one, or `2026-11-24 02:00`;
    /// seconds since 1970.
    package func moment(_ text: String, after now: Int) throws(Complaint) -> Int {
        let words = text.split { $0 == " " || $0 == "T" }
        guard (1...2).contains(words.count), let last = words.last,
            let minutes = TimeOfDay.minutes(String(last))
        else { throw Self.complaint(text) }
        guard words.count == 2 else {
            let today = CivilDate.floored(now + aheadSeconds(at: now), by: 86_400).0
            let moment = unixSeconds(day: today, minutes: minutes)
            return moment > now ? moment : unixSeconds(day: today + 1, minutes: minutes)
        }
        guard let date = CivilDate(words[0]) else { throw Self.complaint(text) }
        return unixSeconds(day: date.daysSince1970, minutes: minutes)
    }

    /// The first of two where clocks show it twice; what comes after where they skip it.
    private func unixSeconds(day: Int, minutes: Int) -> Int {
        let local = day * 86_400 + minutes * 60
        // No zone is ever more than a day ahead or behind.
        let (before, after) = (aheadSeconds(at: local - 86_400), aheadSeconds(at: local + 86_400))
        let shown = [before, after].first { aheadSeconds(at: local - $0) == $0 }
        return local - (shown ?? before)
    }

    private static func complaint(_ text: String) -> Complaint {
        Complaint(
            "\"\(text)\" is no moment", remedy: "write 02:00, or 2026-11-24 02:00 for another day")
    }
}

extension CivilDate {
    /// A day of the calendar as in 2026-11-23; nothing for other text.
    package init?(_ text: some StringProtocol) {
        let parts = Substring(text).split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
        }
        guard parts.map(\.utf8.count) == [4, 2, 2], numbers.count == 3 else { return nil }
        let date = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2])
        // A day that there is not, such as the 31st of June, comes back as another.
        guard CivilDate(daysSince1970: date.daysSince1970) == date else { return nil }
        self = date
    }
}
