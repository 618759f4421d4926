// Dates of the calendar that people use, and the count of days that clocks use.

/// A day of the Gregorian calendar.
package struct CivilDate: Equatable, Sendable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    package init(year: Int, month: Int, day: Int) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The date so many days after 1970-01-01.
    ///
    /// Reckoned in eras of 400 years that begin with March, so that leap days end their years.
    package init(daysSince1970 days: Int) {
        let (era, ofEra) = Self.floored(days + Self.daysBefore1970, by: Self.daysOfEra)
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        day = ofYear - (153 * month + 2) / 5 + 1
        self.month = month < 10 ? month + 3 : month - 9
        self.year = era * 400 + year + (month < 10 ? 0 : 1)
    }

    /// The way back.
    package var daysSince1970: Int {
        let (era, ofEra) = Self.floored(month > 2 ? year : year - 1, by: 400)
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * Self.daysOfEra + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear
            - Self.daysBefore1970
    }

    package var isLeapYear: Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    /// As in 2026-11-23.
    package var text: String {
        "\(year)-\(Self.two(month))-\(Self.two(day))"
    }

    /// With a zero before a single digit.
    package static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The quotient rounded down, and a remainder that is never negative.
    package static func floored(_ number: Int, by divisor: Int) -> (Int, Int) {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }

    private static let daysOfEra = 146_097
    /// From March of the year 0.
    private static let daysBefore1970 = 719_468
}
