// What HAProxy tells of itself: its statistics as CSV, from a page or from the stats socket.

/// Sums up the rows of the frontends, or of one proxy.
enum HAProxySource {
    /// What the stats socket is sent; it answers and closes.
    ///
    /// Of all proxies (-1) only the rows of frontends (1) and backends (2) are wanted, not those of
    /// their servers, which may be many.
    static let request = Array("show stat -1 3 -1\n".utf8)

    private static let width = Field.allCases.count

    /// The columns that are looked at, by the names in the first line.
    private enum Column: Int, CaseIterable {
        case proxy, row, queue, inFlight, sessions, requests, failed, unreached, cutShort

        var name: StaticString {
            switch self {
            case .proxy: "pxname"
            case .row: "svname"
            case .queue: "qcur"
            case .inFlight: "scur"
            case .sessions: "stot"
            case .requests: "req_tot"
            case .failed: "hrsp_5xx"
            case .unreached: "econ"
            case .cutShort: "eresp"
            }
        }
    }

    /// Figures of frontends or of backends.
    private struct Side {
        var isThere = false
        var requests: UInt64 = 0
        var errors: UInt64?
        var inFlight: UInt64 = 0
        var queue: UInt64 = 0

        mutating func add(_ row: Row) {
            isThere = true
            if let failed = row.number(.failed) {
                requests &+= row.number(.requests) ?? row.number(.sessions) ?? 0
                errors = (errors ?? 0) &+ failed
            } else {
                // Without a count of answers by status it is in TCP mode: sessions are requests.
                requests &+= row.number(.sessions) ?? 0
                let broken = [row.number(.unreached), row.number(.cutShort)].compactMap(\.self)
                if !broken.isEmpty { errors = broken.reduce(errors ?? 0, &+) }
            }
            inFlight &+= row.number(.inFlight) ?? 0
            queue &+= row.number(.queue) ?? 0
        }
    }

    private struct Row {
        let line: UnsafeRawBufferPointer
        /// Where each ``Column`` stands, if it does.
        private(set) var ranges = [Range<Int>?](repeating: nil, count: Column.allCases.count)

        init(_ line: UnsafeRawBufferPointer, _ columnOf: [Column?]) {
            self.line = line
            var start = 0
            for column in columnOf {
                guard start <= line.count else { return }
                let end = line[start...].firstIndex(of: 0x2C) ?? line.count
                if let column { ranges[column.rawValue] = start..<end }
                start = end + 1
            }
        }

        func bytes(_ column: Column) -> UnsafeRawBufferPointer? {
            ranges[column.rawValue].map { UnsafeRawBufferPointer(rebasing: line[$0]) }
        }

        func number(_ column: Column) -> UInt64? {
            bytes(column).flatMap { bytes in
                var text = ProcText(bytes)
                return text.number()
            }
        }

        func holds(_ text: String, in column: Column) -> Bool {
            bytes(column)?.elementsEqual(text.utf8) ?? false
        }
    }

    /// The figures of each proxy that is wanted, one behind the other by ``Field``.
    ///
    /// `nil` when this is not the list; a proxy that is not there has no figures. Requests, errors
    /// and what is in flight are those of the frontend, where a proxy has one; what waits does so in
    /// backends.
    static func values(csv: UnsafeRawBufferPointer, of proxies: [String?]) -> [Double?]? {
        var lines = csv.split(separator: 0x0A, omittingEmptySubsequences: true).makeIterator()
        guard let head = lines.next(), head.starts(with: "# pxname,".utf8) else { return nil }
        let columnOf = columns(head.dropFirst(2))
        var fronts = [Side](repeating: Side(), count: proxies.count)
        var backs = fronts
        while let line = lines.next() {
            let row = Row(UnsafeRawBufferPointer(rebasing: line), columnOf)
            let isFront = row.holds("FRONTEND", in: .row)
            guard isFront || row.holds("BACKEND", in: .row) else { continue }
            for (index, proxy) in proxies.enumerated() {
                guard proxy.map({ row.holds($0, in: .proxy) }) ?? true else { continue }
                if isFront { fronts[index].add(row) } else { backs[index].add(row) }
            }
        }
        return zip(fronts, backs).flatMap(values)
    }

    private static func columns(_ head: Slice<UnsafeRawBufferPointer>) -> [Column?] {
        let found = head.split(separator: 0x2C, omittingEmptySubsequences: false).map { name in
            Column.allCases.first { column in
                name.elementsEqual(
                    UnsafeBufferPointer(
                        start: column.name.utf8Start, count: column.name.utf8CodeUnitCount))
            }
        }
        // What stands behind the last one is not looked at: texts with commas do.
        return Array(found[..<((found.lastIndex { $0 != nil } ?? -1) + 1)])
    }

    private static func values(_ front: Side, _ back: Side) -> [Double?] {
        var values = [Double?](repeating: nil, count: width)
        guard front.isThere || back.isThere else { return values }
        let side = front.isThere ? front : back
        values[Field.requests.rawValue] = Double(side.requests)
        values[Field.errors.rawValue] = (side.errors ?? back.errors).map { Double($0) }
        values[Field.inFlight.rawValue] = Double(side.inFlight)
        if back.isThere { values[Field.queue.rawValue] = Double(back.queue) }
        return values
    }
}
