// The orders of people in SQLite: what is written here is on the disk before anybody is told so.

internal import Foundation
internal import GRDB
internal import Weighting

/// The file `orders.db` of a folder; one process at a time has it.
struct OrderStore: Sendable {
    let database: DatabaseQueue
    let path: String
    /// What was wrong with the file that was here, if it had to be moved aside.
    let loss: OrderTrouble?

    /// Raised when an older release could not read what this one writes.
    static let version = 1
    /// Orders that ended are kept so long, and so many of them.
    static let keptMilliseconds = 30 * 86_400_000
    static let mostEnded = 10_000

    /// Opens the file, or makes it, or makes a new one in place of one that is no use.
    ///
    /// What can still be read of an old one is taken over.
    init(folder: String, at now: Int) throws(OrderTrouble) {
        path = folder + "/orders.db"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o750])
        } catch CocoaError.fileWriteFileExists {
        } catch {
            throw OrderTrouble(
                "cannot make the folder \(folder) for people's orders: the unit makes it "
                    + "(StateDirectory=poise); else make it, or write another `state` in "
                    + "master.yaml")
        }
        do {
            database = try Self.open(path)
            loss = nil
        } catch  where OrderTrouble.isCorruption(error) {
            do {
                (database, loss) = try Self.replace(path, at: now)
            } catch {
                throw OrderTrouble("replace the file that is not whole,", path, error)
            }
        } catch {
            throw error as? OrderTrouble ?? OrderTrouble("open", path, error)
        }
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = GRDB.Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { database in
            // Two masters with one file would not hear of each other's orders.
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            // In this mode a commit is on the disk when it returns; less may lose the last ones.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            guard found <= version else {
                throw OrderTrouble(
                    "\(path) was written by a newer release of Poise; run that one, or move the "
                        + "file away, which forgets its orders")
            }
            let complaints = try String.fetchAll(database, sql: "PRAGMA quick_check(1)")
            guard complaints == ["ok"] else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
            try database.inTransaction {
                if found == 0 {
                    try database.execute(sql: KeptOrder.table)
                    try database.execute(sql: "PRAGMA user_version = \(version)")
                }
                let rows = try Row.fetchAll(database, sql: "SELECT * FROM orders")
                guard rows.allSatisfy({ KeptOrder($0) != nil }) else {
                    throw DatabaseError(resultCode: .SQLITE_CORRUPT)
                }
                return .commit
            }
        }
        return queue
    }

    /// Moves the file aside, and begins a new one with what can be read of it.
    private static func replace(_ path: String, at now: Int) throws -> (
        DatabaseQueue, OrderTrouble
    ) {
        let readable = salvage(path)
        let aside = "\(path).corrupt-\(now / 1000)"
        for suffix in ["", "-wal", "-shm"] {
            guard FileManager.default.fileExists(atPath: path + suffix) else { continue }
            try FileManager.default.moveItem(atPath: path + suffix, toPath: aside + suffix)
        }
        let queue = try open(path)
        try queue.write { database in
            for order in readable { try write(order, to: database) }
        }
        let living = readable.count { !$0.isEnded }
        return (
            queue,
            OrderTrouble(
                "the file of people's orders was not whole, and is now \(aside): \(living) orders "
                    + "that live could be read of it, and others may be lost; compare `poise "
                    + "orders` with what was ordered, and restart the master when that is done")
        )
    }

    /// The rows that are as they were written, up to the first that cannot be read.
    private static func salvage(_ path: String) -> [KeptOrder] {
        guard let queue = try? DatabaseQueue(path: path) else { return [] }
        defer { try? queue.close() }
        var readable: [KeptOrder] = []
        try? queue.read { database in
            let cursor = try Row.fetchCursor(database, sql: "SELECT * FROM orders")
            while let row = try cursor.next() {
                if let order = KeptOrder(row) { readable.append(order) }
            }
        }
        return readable
    }
}

extension OrderStore {
    /// All that live, and those that ended and whose 0 may be in the table.
    func living() throws(OrderTrouble) -> [KeptOrder] {
        try fetch("WHERE ended IS NULL OR zero = 1 ORDER BY id")
    }

    /// Those and the newest that ended.
    func all(most: Int) throws(OrderTrouble) -> [KeptOrder] {
        try fetch("ORDER BY ended IS NULL DESC, id DESC LIMIT \(most)")
            .sorted { $0.record.id < $1.record.id }
    }

    private func fetch(_ clause: String) throws(OrderTrouble) -> [KeptOrder] {
        do {
            return try database.read {
                try Row.fetchAll($0, sql: "SELECT * FROM orders \(clause)").compactMap(
                    KeptOrder.init)
            }
        } catch {
            throw OrderTrouble("read", path, error)
        }
    }

    /// Writes a new order, with the number that it gets, and others as they are now: all or none.
    func add(
        _ order: KeptOrder, changing others: [KeptOrder] = [], at now: Int
    ) throws(OrderTrouble) -> KeptOrder {
        try change { database in
            var order = order
            let last = try Int64.fetchOne(
                database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'orders'")
            order.record.id = UInt64(clamping: (last ?? 0) + 1)
            try Self.write(order, to: database)
            for other in others { try Self.write(other, to: database) }
            try Self.forget(database, at: now)
            return order
        }
    }

    /// Writes orders as they are now.
    func update(_ orders: [KeptOrder]) throws(OrderTrouble) {
        try change { database in
            for order in orders { try Self.write(order, to: database) }
        }
    }

    /// Writes what says nothing, to see whether the disk takes it.
    func probe() throws(OrderTrouble) {
        try change { try $0.execute(sql: "PRAGMA user_version = \(Self.version)") }
    }

    private func change<Value>(
        _ body: (Database) throws -> Value
    ) throws(OrderTrouble) -> Value {
        do {
            return try database.write(body)
        } catch {
            throw OrderTrouble("write to", path, error)
        }
    }

    private static func write(_ order: KeptOrder, to database: Database) throws {
        let marks = Array(repeating: "?", count: KeptOrder.columns.count).joined(separator: ",")
        try database.execute(
            sql: "INSERT OR REPLACE INTO orders (\(KeptOrder.columns.joined(separator: ","))) "
                + "VALUES (\(marks))", arguments: StatementArguments(order.values))
    }

    /// Lets go of what ended long ago, and of what is too much.
    private static func forget(_ database: Database, at now: Int) throws {
        try database.execute(
            sql: """
                DELETE FROM orders WHERE ended IS NOT NULL AND zero = 0 AND (ended < ? OR id IN (
                    SELECT id FROM orders WHERE ended IS NOT NULL AND zero = 0
                    ORDER BY id DESC LIMIT -1 OFFSET ?))
                """, arguments: [now - keptMilliseconds, mostEnded])
    }
}
