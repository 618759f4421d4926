// What every server said last, so that a record holds what is new.

/// Of each server the columns of its newest report; both sides of a recording keep them alike.
struct ReportMemory {
    private static let width = ReportColumns.Column.count
    /// Told that more than the fixed columns changed, by the bit above theirs.
    private static let moreBit = UInt64(1) << UInt64(width)
    /// More words than reports can have: services and counters 4 words each, figures 2.
    private static let mostWords = 1 << 10

    /// One row of fixed columns for each server.
    private var rows: [UInt32]
    private var more: [[UInt32]]

    init(servers: Int) {
        rows = Array(repeating: 0, count: servers * Self.width)
        more = Array(repeating: [], count: servers)
    }

    var serverCount: Int { more.count }

    /// Begins anew, in the memory that is there when there are as many servers.
    mutating func forget(servers: Int) {
        guard servers == serverCount else {
            // Not both at once: of ten thousand they take a megabyte.
            (rows, more) = ([], [])
            self = ReportMemory(servers: servers)
            return
        }
        for index in rows.indices { rows[index] = 0 }
        for index in more.indices where !more[index].isEmpty { more[index] = [] }
    }

    /// Writes what differs from the report before of this server, and remembers it.
    mutating func write(
        _ columns: borrowing ReportColumns, server: Int, to writer: inout ByteWriter
    ) {
        let start = server * Self.width
        let interval = rows[start + ReportColumns.Column.interval]
        // It mostly comes when it was promised.
        rows[start] &+= 10 &* interval
        var mask: UInt64 = 0
        for column in 0..<Self.width where rows[start + column] != columns.fixed[column] {
            mask |= 1 << UInt64(column)
        }
        let hasMore = !columns.more.isEmpty || !more[server].isEmpty
        if hasMore { mask |= Self.moreBit }
        writer.number(mask)
        var rest = mask & (Self.moreBit - 1)
        while rest != 0 {
            let column = rest.trailingZeroBitCount
            rest &= rest - 1
            writer.difference(from: rows[start + column], to: columns.fixed[column])
            rows[start + column] = columns.fixed[column]
        }
        guard hasMore else { return }
        writer.number(UInt64(columns.more.count))
        if more[server].count != columns.more.count {
            more[server] = Array(repeating: 0, count: columns.more.count)
        }
        for index in columns.more.indices {
            writer.difference(from: more[server][index], to: columns.more[index])
            more[server][index] = columns.more[index]
        }
    }

    /// Reads what ``write(_:server:to:)`` wrote, with what was read before.
    mutating func read(
        server: Int, from reader: inout ByteReader
    ) throws(JournalError) -> ReportColumns {
        let start = server * Self.width
        rows[start] &+= 10 &* rows[start + ReportColumns.Column.interval]
        let mask = try reader.number()
        guard mask < Self.moreBit << 1 else { throw .damaged("a report has unknown columns") }
        for column in 0..<Self.width where mask & 1 << UInt64(column) != 0 {
            rows[start + column] = try reader.difference(from: rows[start + column])
        }
        if mask & Self.moreBit != 0 {
            let count = try reader.count()
            guard count <= Self.mostWords else { throw .damaged("a report is too long") }
            if more[server].count != count { more[server] = Array(repeating: 0, count: count) }
            for index in 0..<count {
                more[server][index] = try reader.difference(from: more[server][index])
            }
        }
        var columns = ReportColumns()
        columns.fixed = Array(rows[start..<start + Self.width])
        columns.more = more[server]
        return columns
    }
}
