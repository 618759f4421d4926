// One order as a row of the table of orders, with a sum over all that it says.

internal import GRDB
internal import Weighting

extension KeptOrder {
    static let table = """
        CREATE TABLE orders (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            action TEXT NOT NULL, server TEXT NOT NULL, service TEXT, weight INTEGER,
            reason TEXT NOT NULL, owner TEXT NOT NULL, forced INTEGER NOT NULL,
            created INTEGER NOT NULL, starts INTEGER NOT NULL, ends INTEGER, every TEXT,
            open INTEGER NOT NULL, zero INTEGER NOT NULL,
            ended INTEGER, ended_by TEXT, sequel TEXT, gone INTEGER, destination TEXT,
            capacity REAL, checksum INTEGER NOT NULL
        ) STRICT
        """

    static let columns = [
        "id", "action", "server", "service", "weight", "reason", "owner", "forced", "created",
        "starts", "ends", "every", "open", "zero", "ended", "ended_by", "sequel",
        "gone", "destination", "capacity", "checksum",
    ]

    /// In the order of ``columns``.
    var values: [(any DatabaseValueConvertible)?] {
        facts + [Self.checksum(facts)]
    }

    private var facts: [(any DatabaseValueConvertible)?] {
        [
            Int64(clamping: record.id), record.action.rawValue, record.server, record.service,
            record.weight, record.reason, record.owner, record.isForced ? 1 : 0,
            record.createdUnixMilliseconds, record.startsUnixMilliseconds,
            record.endsUnixMilliseconds, record.every, isOpen ? 1 : 0, mayHoldZero ? 1 : 0,
            record.endedUnixMilliseconds, record.endedBy, record.then?.rawValue,
            record.goneUnixMilliseconds, record.destination, record.capacity,
        ]
    }

    /// Nothing for a row that is not what was written: a disk may change a letter of a name, and
    /// SQLite would not see it.
    init?(_ row: Row) {
        guard let id: Int64 = row["id"], let name: String = row["action"],
            let action = AdminAPI.OrderAction(rawValue: name), let server: String = row["server"],
            let reason: String = row["reason"], let owner: String = row["owner"],
            let forced: Int = row["forced"], let created: Int = row["created"],
            let starts: Int = row["starts"], let open: Int = row["open"],
            let zero: Int = row["zero"]
        else { return nil }
        let ended: Int? = row["ended"]
        let sequel: String? = row["sequel"]
        record = AdminAPI.OrderRecord(
            id: UInt64(clamping: id), action: action, server: server, service: row["service"],
            weight: row["weight"], reason: reason, owner: owner,
            state: ended != nil ? .ended : open == 1 ? .inForce : .scheduled,
            isForced: forced == 1, createdUnixMilliseconds: created,
            startsUnixMilliseconds: starts, endsUnixMilliseconds: row["ends"],
            every: row["every"], endedUnixMilliseconds: ended, endedBy: row["ended_by"],
            then: sequel.flatMap(AdminAPI.OrderSequel.init), goneUnixMilliseconds: row["gone"],
            destination: row["destination"], capacity: row["capacity"])
        (isOpen, mayHoldZero) = (open == 1, zero == 1)
        guard let checksum: Int64 = row["checksum"], checksum == Self.checksum(facts) else {
            return nil
        }
    }

    private static func checksum(_ facts: [(any DatabaseValueConvertible)?]) -> Int64 {
        var hash = FNV()
        for fact in facts {
            if let fact { hash.mix("\(fact)") } else { hash.mix(0xFE) }
        }
        return Int64(bitPattern: hash.value)
    }
}
