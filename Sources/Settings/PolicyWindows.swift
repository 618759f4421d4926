// Of several windows, which one is in force now, and for how long.

/// The windows of one service; where two overlap, the first in the list is in force.
package struct PolicyWindows: Equatable, Sendable {
    package let list: [PolicyWindow]
    /// The seconds of the week in which one begins or ends, each once, in order.
    private let edges: [Int]

    package init(_ list: [PolicyWindow]) {
        self.list = list
        edges = Set(list.flatMap(\.edges)).sorted().map { $0 * 60 }
    }

    /// What is in force at a moment.
    package struct InForce: Equatable, Sendable {
        /// Index into the list; nothing outside of all windows.
        package let window: Int?
        /// Seconds since 1970 when another is, or none; nothing where that never changes.
        package let until: Int?
        /// When to look again.
        package let lookAgain: Int
    }

    /// With two weeks in view, a window that a change of the clocks skips once is seen all the same.
    private static let horizonSeconds = 15 * 86_400

    /// What is in force at that moment, by the clocks of `zone`.
    ///
    /// In an hour that clocks show twice a window is in force twice, and in one that they skip never.
    package func inForce(at unixSeconds: Int, in zone: Zone) -> InForce {
        let (now, horizon) = (window(at: unixSeconds, in: zone), unixSeconds + Self.horizonSeconds)
        var moment = unixSeconds
        while moment < horizon, !edges.isEmpty {
            moment = nextEdge(after: moment, in: zone)
            if window(at: moment, in: zone) != now {
                return InForce(window: now, until: moment, lookAgain: moment)
            }
        }
        return InForce(window: now, until: nil, lookAgain: horizon)
    }

    /// Index into the list of the one that is in force.
    func window(at unixSeconds: Int, in zone: Zone) -> Int? {
        window(inMinuteOfWeek: Self.secondOfWeek(unixSeconds, in: zone) / 60)
    }

    private func window(inMinuteOfWeek minute: Int) -> Int? {
        list.firstIndex { $0.contains(minuteOfWeek: minute) }
    }

    /// When a window begins or ends, or clocks change.
    private func nextEdge(after unixSeconds: Int, in zone: Zone) -> Int {
        let second = Self.secondOfWeek(unixSeconds, in: zone)
        let week = PolicyWindow.minutesOfWeek * 60
        let edge = edges.first { $0 > second } ?? (edges.first ?? 0) + week
        let next = unixSeconds + edge - second
        return min(next, zone.change(after: unixSeconds) ?? next)
    }

    /// Since the midnight before Monday; 1970 began with a Thursday.
    private static func secondOfWeek(_ unixSeconds: Int, in zone: Zone) -> Int {
        let local = unixSeconds + zone.aheadSeconds(at: unixSeconds)
        return CivilDate.floored(local + 3 * 86_400, by: PolicyWindow.minutesOfWeek * 60).1
    }

    /// Indices of windows that are never in force, for those before them have all of their time.
    package var hidden: [Int] {
        // Between two edges all stays as it is.
        let shown = Set(edges.compactMap { window(inMinuteOfWeek: $0 / 60) })
        return list.indices.filter { !shown.contains($0) }
    }
}

extension Zone {
    /// A moment as clocks there show it, as in `mon 2026-11-23 18:00 +01:00`.
    package func text(_ unixSeconds: Int) -> String {
        let ahead = aheadSeconds(at: unixSeconds)
        let (days, second) = CivilDate.floored(unixSeconds + ahead, by: 86_400)
        let weekday = Weekday.allCases[CivilDate.floored(days + 3, by: 7).1]
        let minutes = abs(ahead) / 60
        return "\(weekday.name) \(CivilDate(daysSince1970: days).text) "
            + "\(TimeOfDay.text(minutes: second / 60)) "
            + "\(ahead < 0 ? "-" : "+")\(TimeOfDay.text(minutes: minutes))"
    }
}
