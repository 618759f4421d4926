// Orders on a real disk: what was acknowledged is there after any end, and what goes wrong is said.

import Foundation
import GRDB
import Synchronization
import Testing
import Weighting

@testable import Master

@Suite struct OrderKeeperTests {
    @Test func `what was acknowledged is known to the next master`() async throws {
        let rig = try KeeperRig()
        let drain = try await rig.give(.drain("r2"))
        let weight = try await rig.give(.weight(20, of: "r1", "web"))
        #expect([drain.id, weight.id] == [1, 2])
        rig.restart()
        let book = rig.keeper.news.book
        #expect(book.orders.map(\.record) == [drain, weight])
        #expect(book.told(atStart: true).map(\.id) == [1, 2])
        #expect(rig.keeper.news.trouble == nil)
    }

    @Test func `servers that were added and removed are known to the next master`() async throws {
        let rig = try KeeperRig()
        let added = try await rig.give(
            AdminAPI.OrderRequest(
                action: .add, server: "r5", service: "web", reason: "more",
                destination: "10.0.0.15", capacity: 0.3))
        var removal = AdminAPI.OrderRequest.drain("r2")
        removal.then = .remove
        var gone = try await rig.give(removal)
        rig.keeper.note([.goes(2, atMilliseconds: 5)])
        rig.restart()
        gone.goneUnixMilliseconds = 5
        #expect(rig.keeper.news.book.orders.map(\.record) == [added, gone])
        #expect(rig.keeper.news.book.amendments.added.map(\.capacity) == [0.3])
        #expect(rig.keeper.news.book.amendments.gone.map(\.server) == ["r2"])
        #expect(rig.keeper.news.trouble == nil)
    }

    @Test func `an order that ended is remembered as ended, and its number is never given again`()
        async throws
    {
        let rig = try KeeperRig()
        _ = try await rig.give(.drain("r2"))
        let ended = try await rig.end(.init(server: "r2"))
        #expect(ended.map(\.endedBy) == ["otto"])
        rig.restart()
        // Its 0 may be in the table.
        #expect(rig.keeper.news.book.told(atStart: true).map(\.isEnded) == [true])
        rig.keeper.note([.settles(1)])
        #expect(try await rig.keeper.list(all: false).isEmpty)
        #expect(try await rig.keeper.list(all: true).map(\.state) == [.ended])
        rig.restart()
        #expect(rig.keeper.news.book.orders.isEmpty)
        #expect(try await rig.give(.drain("r2")).id == 2)
    }

    @Test func `every commit is synced, and one process has the file`() async throws {
        let rig = try KeeperRig()
        rig.stop()
        let store = try OrderStore(folder: rig.folder, at: 0)
        let settings = try await store.database.read { database in
            [
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try String.fetchOne(database, sql: "PRAGMA synchronous"),
            ]
        }
        #expect(settings == ["wal", "2"])
        do throws(OrderTrouble) {
            _ = try OrderStore(folder: rig.folder, at: 0)
            Issue.record("a second store was opened")
        } catch {
            #expect("\(error)".contains("another process uses it"))
        }
    }

    @Test func `a weight without an end takes the place of the one before`() async throws {
        let rig = try KeeperRig()
        _ = try await rig.give(.weight(20, of: "r1", "web"))
        _ = try await rig.give(.weight(30, of: "r2", "web"))
        _ = try await rig.give(.weight(40, of: "r1", "web"), by: "otto")
        #expect(try await rig.keeper.list(all: false).map(\.weight) == [30, 40])
        let first = try await rig.keeper.list(all: true).first
        #expect(first?.endedBy == "otto")
    }

    @Test func `what ends by its time is written as ended`() async throws {
        let rig = try KeeperRig()
        var request = AdminAPI.OrderRequest.drain("r2")
        request.forSeconds = 60
        let order = try await rig.give(request)
        let ends = try #require(order.endsUnixMilliseconds)
        rig.keeper.note([.ends(1, atMilliseconds: ends), .settles(1)])
        let all = try await rig.keeper.list(all: true)
        #expect(all.map(\.endedBy) == [KeptOrder.time])
        #expect(all.map(\.endedUnixMilliseconds) == [ends])
        rig.restart()
        #expect(rig.keeper.news.book.orders.isEmpty)
    }

    @Test func `row 24: a file of rubbish is moved aside, and said`() async throws {
        let rig = try KeeperRig()
        _ = try await rig.give(.drain("r2"))
        rig.stop()
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: rig.path + suffix)
        }
        try Data("no database, and long enough to be looked at".utf8)
            .write(to: URL(filePath: rig.path))
        let trouble = try #require(rig.keeper.news.trouble)
        #expect("\(trouble)".contains("\(rig.path).corrupt-1795435200"))
        #expect(FileManager.default.fileExists(atPath: rig.path + ".corrupt-1795435200"))
        // It goes on with a new one.
        #expect(try await rig.give(.drain("r2")).state == .inForce)
        #expect(rig.keeper.news.trouble != nil)
        rig.restart()
        #expect(rig.keeper.news.trouble == nil)
    }

    @Test func `row 24: of a row that a disk altered nothing is believed, and the others are`()
        async throws
    {
        let rig = try KeeperRig()
        _ = try await rig.give(.drain("r2"))
        _ = try await rig.give(.weight(20, of: "r1", "web"))
        rig.stop()
        let database = try DatabaseQueue(path: rig.path)
        try await database.write {
            try $0.execute(sql: "UPDATE orders SET server = 'r1' WHERE id = 1")
        }
        try database.close()
        #expect(rig.keeper.news.trouble != nil)
        #expect(rig.keeper.news.book.orders.map(\.record.id) == [2])
    }

    @Test func `row 24: a file of a newer release is left alone`() async throws {
        let rig = try KeeperRig()
        rig.stop()
        let database = try DatabaseQueue(path: rig.path)
        try await database.write { try $0.execute(sql: "PRAGMA user_version = 2") }
        try database.close()
        let refused = try #require(rig.keeper.news.trouble)
        #expect("\(refused)".contains("newer release"))
        await #expect(throws: OrderRefusal(.unavailable, "\(refused)")) {
            _ = try await rig.give(.drain("r2"))
        }
    }

    @Test func `row 23: where nothing can be written an order is refused, and tried again later`()
        async throws
    {
        let rig = try KeeperRig()
        _ = try await rig.give(.drain("r2"))
        // Root may write anywhere, so the disk is full by a limit of SQLite's own.
        rig.stop()
        let store = try OrderStore(folder: rig.folder, at: 0)
        try store.database.inDatabase { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        var failure: OrderTrouble?
        for _ in 0..<200 where failure == nil {
            do throws(OrderTrouble) {
                var record = AdminAPI.OrderRecord.drain()
                record.reason = String(repeating: "x", count: 200)
                _ = try store.add(KeptOrder(record), at: 0)
            } catch { failure = error }
        }
        #expect("\(try #require(failure))".contains("disk is full"))
        // What was there stays readable.
        #expect(try store.living().first?.record.server == "r2")
    }

    @Test func `a folder that cannot be is said with what to do`() throws {
        do throws(OrderTrouble) {
            _ = try OrderStore(folder: "/proc/no/such", at: 0)
            Issue.record("a store below /proc")
        } catch {
            #expect("\(error)".contains("StateDirectory=poise"))
        }
    }

    @Test func `what ended long ago is forgotten`() async throws {
        let rig = try KeeperRig()
        _ = try await rig.give(.drain("r2"))
        _ = try await rig.end(.init(server: "r2"))
        rig.keeper.note([.settles(1)])
        rig.milliseconds.withLock { $0 += OrderStore.keptMilliseconds + 1 }
        _ = try await rig.give(.drain("r2"))
        #expect(try await rig.keeper.list(all: true).map(\.id) == [2])
    }
}
