// A time zone from the system's files: how far local time is ahead of UTC, and when that changes.

/// Local time, by what a TZif file (RFC 9636) says.
package struct Zone: Equatable, Sendable {
    /// Seconds since 1970 from which each of `ahead` holds.
    private let changes: [Int]
    /// Seconds ahead of UTC: before the first change, then from each change on.
    private let ahead: [Int]
    /// For all time after the last change.
    private let rule: ZoneRule?

    package static let utc = Zone(changes: [], ahead: [0], rule: nil)

    private init(changes: [Int], ahead: [Int], rule: ZoneRule?) {
        (self.changes, self.ahead, self.rule) = (changes, ahead, rule)
    }

    /// A zone that has always had this rule.
    package init(_ rule: ZoneRule) { self.init(changes: [], ahead: [0], rule: rule) }

    /// How far local time is ahead of UTC at that moment, seconds.
    package func aheadSeconds(at unixSeconds: Int) -> Int {
        if let rule, unixSeconds >= changes.last ?? .min {
            return rule.aheadSeconds(at: unixSeconds)
        }
        return ahead[count(upTo: unixSeconds)]
    }

    /// The next moment at which that may change; nothing where it never does.
    package func change(after unixSeconds: Int) -> Int? {
        let next = count(upTo: unixSeconds)
        return next < changes.count ? changes[next] : rule?.change(after: unixSeconds)
    }

    /// How many changes have been.
    private func count(upTo unixSeconds: Int) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= unixSeconds { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Zone {
    /// What a TZif file holds; nothing when it is none, or one of before 2005.
    package init?(file bytes: [UInt8]) {
        var reader = Reader(rest: bytes[...])
        // The first part is for programs that know 32-bit times only.
        guard let first = reader.header(), reader.skip(first.byteCount(ofTime: 4)),
            let counts = reader.header(), (1...256).contains(counts.types),
            counts.times <= Self.mostChanges
        else { return nil }
        var changes: [Int] = []
        for _ in 0..<counts.times {
            guard let time = reader.number(byteCount: 8) else { return nil }
            if let last = changes.last, last >= time { return nil }
            changes.append(time)
        }
        var kinds: [Int] = []
        for _ in 0..<counts.times {
            guard let kind = reader.number(byteCount: 1) else { return nil }
            kinds.append(kind & 0xFF)
        }
        var aheads: [Int] = []
        for _ in 0..<counts.types {
            guard let seconds = reader.number(byteCount: 4), reader.skip(2),
                (-93_599...93_599).contains(seconds)
            else { return nil }
            aheads.append(seconds)
        }
        guard kinds.allSatisfy({ $0 < aheads.count }),
            reader.skip(counts.names + counts.leaps * 12 + counts.standards + counts.universals),
            let footer = reader.footer()
        else { return nil }
        let rule = ZoneRule(footer)
        guard footer.isEmpty || rule != nil else { return nil }
        self.init(changes: changes, ahead: [aheads[0]] + kinds.map { aheads[$0] }, rule: rule)
    }

    /// A hundred years of four changes are no more.
    private static let mostChanges = 4_000

    private struct Counts {
        let universals, standards, leaps, times, types, names: Int

        func byteCount(ofTime size: Int) -> Int {
            times * (size + 1) + types * 6 + names + leaps * (size + 4) + standards + universals
        }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ count: Int) -> Bool {
            guard rest.count >= count else { return false }
            rest = rest.dropFirst(count)
            return true
        }

        /// With its sign, the highest byte first.
        mutating func number(byteCount: Int) -> Int? {
            guard rest.count >= byteCount, let first = rest.first else { return nil }
            let number = rest.prefix(byteCount).reduce(first & 0x80 == 0 ? 0 : -1) {
                $0 << 8 | Int($1)
            }
            rest = rest.dropFirst(byteCount)
            return number
        }

        mutating func header() -> Counts? {
            guard rest.starts(with: "TZif".utf8), rest.dropFirst(4).first ?? 0 >= 0x32, skip(20)
            else { return nil }
            var counts: [Int] = []
            for _ in 0..<6 {
                guard let count = number(byteCount: 4), (0...1_000_000).contains(count) else {
                    return nil
                }
                counts.append(count)
            }
            return Counts(
                universals: counts[0], standards: counts[1], leaps: counts[2], times: counts[3],
                types: counts[4], names: counts[5])
        }

        /// A line between two line ends.
        func footer() -> String? {
            let end = UInt8(ascii: "\n")
            guard rest.first == end, rest.last == end, rest.count >= 2 else { return nil }
            return String(validating: rest.dropFirst().dropLast(), as: UTF8.self)
        }
    }
}

extension Reading<String> {
    /// The name of a time zone, or `local`.
    package static let zone = Reading("a time zone such as Europe/Berlin") {
        (scalar) throws(Complaint) in
        let name = try scalar.asText("a time zone")
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy {
                    (0x41...0x5A).contains($0 & 0xDF) || (0x30...0x39).contains($0)
                        || "_+-".utf8.contains($0)
                }
        }
        guard isName, name.utf8.count <= 64 else {
            throw Complaint(
                "\"\(name)\" is no name of a time zone", remedy: "write one as in Europe/Berlin")
        }
        return name
    }
}

extension Zone {
    /// What the key of a zone may say besides a name: that of the machine.
    package static let local = "local"
    private static let folder = "/usr/share/zoneinfo"
    private static let localFile = "/etc/localtime"

    /// The zone of that name; a machine that says nothing of its own has UTC.
    package static func named(_ name: String) throws(Complaint) -> Zone {
        let path = name == local ? localFile : "\(folder)/\(name)"
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.readBytes(path)
        } catch {
            if name == local, error.isAbsent { return utc }
            throw Complaint(
                "there is no time zone \"\(name)\": \(path): \(error)",
                remedy: "write one as in Europe/Berlin, or \(local); they come with the package "
                    + "tzdata")
        }
        guard let zone = Zone(file: bytes) else {
            throw Complaint(
                "\(path) is no file of a time zone", remedy: "is the package tzdata whole?")
        }
        return zone
    }
}
