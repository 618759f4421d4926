// Servers that people add, and that they remove: drained first, and forgotten last.

import Testing

@testable import Master
@testable import Weighting

@Suite struct RemovalTests {
    private static func addition(_ id: UInt64, _ server: String = "r5") -> AdminAPI.OrderRecord {
        var record = AdminAPI.OrderRecord.drain(id, server: server, service: "web")
        record.action = .add
        record.destination = "0.0.0.15:80"
        record.capacity = 2
        return record
    }

    private static func removal(
        _ id: UInt64, _ server: String, _ service: String? = nil
    ) -> AdminAPI.OrderRecord {
        var record = AdminAPI.OrderRecord.drain(id, server: server, service: service)
        record.then = .remove
        return record
    }

    private static func book(_ records: AdminAPI.OrderRecord...) -> OrderBook {
        var book = OrderBook(records.map(KeptOrder.init))
        _ = book.turn(to: 1)
        return book
    }

    private static let files = OrderGround.sample().cluster

    /// The sample's table, in which web has r5, too.
    private static func table(r5: Table.Destination?, r2: Table.Destination? = nil) -> Table {
        var table = OrderGround.sample().table ?? Table()
        if let r2 { table.services[1].destinations[1] = r2 }
        if let r5 { table.services[1].destinations.append(r5) }
        return table
    }

    private static func held(_ host: UInt32, weight: Int, active: Int = 0) -> Table.Destination {
        Table.Destination(
            key: DestinationKey(address: .v4(host), port: 80), weight: weight,
            activeConnections: active)
    }

    @Test func `a server that is added comes last, and an old one keeps its place`() throws {
        let cluster = Self.files.amended(
            by: Self.book(Self.addition(1)).amendments, removes: false)
        #expect(cluster.servers.map(\.name) == ["r1", "r2", "r5"])
        let web = try #require(cluster.services.last)
        #expect(web.members.map(\.server) == [0, 1, 2])
        #expect(web.members[2].destination == DestinationKey(address: .v4(15), port: 80))
        #expect(web.members[2].nominalCapacity == 2)
        #expect(cluster.services[0] == Self.files.services[0])
    }

    @Test func `files that have it by now are followed`() {
        #expect(
            Self.files.amended(
                by: Self.book(Self.addition(1, "r2")).amendments, removes: false) == Self.files)
    }

    @Test func `a removal drains first, and takes out where Poise makes the members`() throws {
        var book = Self.book(Self.removal(1, "r2", "web"))
        func goOn(_ r2: Table.Destination) -> [OrderBook.Change] {
            book.goOnRemoving(
                Self.table(r5: nil, r2: r2), of: Self.files, declared: Self.files, at: 7,
                isGone: { _ in false })
        }
        #expect(goOn(Self.held(12, weight: 1)).isEmpty)
        #expect(goOn(Self.held(12, weight: 0, active: 3)).isEmpty)
        #expect(book.amendments == Amendments())
        #expect(goOn(Self.held(12, weight: 0)) == [.goes(1, atMilliseconds: 7)])
        let gone = book.amendments
        #expect(Self.files.amended(by: gone, removes: false) == Self.files)
        let cluster = Self.files.amended(by: gone, removes: true)
        #expect(cluster.services.map(\.members.count) == [1, 1])
        #expect(cluster.servers == Self.files.servers)
        // The files have it, so the order stays; a person may end it.
        #expect(goOn(Self.held(12, weight: 0)).isEmpty)
        #expect(book[1]?.record.what == "removed")
        #expect(book[1]?.isInForce == true)
    }

    @Test func `one that the table does not show is waited for until that is sure`() {
        var book = Self.book(Self.removal(1, "r2", "web"))
        var table = Self.table(r5: nil)
        let kept = table.services[1].destinations.remove(at: 1)
        let leaving = book.leaving(of: Self.files)
        #expect(leaving.map(\.destination) == [kept.key])
        var absences = Absences()
        func look(_ seconds: Double) -> [OrderBook.Change] {
            let now = Instant(nanoseconds: 0).advanced(bySeconds: seconds)
            absences.look(for: leaving, in: table, at: now)
            return book.goOnRemoving(
                table, of: Self.files, declared: Self.files, at: 7
            ) { [absences] in absences.isGone($0, at: now) }
        }
        #expect(look(0).isEmpty)
        #expect(look(5).isEmpty)
        // It was there all the time, and has connections.
        table.services[1].destinations.insert(Self.held(12, weight: 0, active: 2), at: 1)
        #expect(look(6).isEmpty)
        table.services[1].destinations.remove(at: 1)
        #expect(look(11).isEmpty)
        #expect(look(20.9).isEmpty)
        #expect(look(21) == [.goes(1, atMilliseconds: 7)])
    }

    @Test func `it ends when the files do not have the server any more`() {
        var book = Self.book(Self.removal(1, "r2"))
        _ = book.goOnRemoving(
            Self.table(r5: nil, r2: Self.held(12, weight: 0)), of: Self.files,
            declared: Self.files, at: 7, isGone: { _ in false })
        var without = Self.files
        without.services[1].members.removeLast()
        #expect(
            book.goOnRemoving(
                Self.table(r5: nil), of: without, declared: without, at: 8,
                isGone: { _ in false })
                == [.ends(1, atMilliseconds: 8, by: KeptOrder.removal)])
    }

    @Test func `a service that is not there for a moment tells nothing of its servers`() {
        var book = Self.book(Self.removal(1, "r2"))
        #expect(
            book.goOnRemoving(
                Table(), of: Self.files, declared: Self.files, at: 7, isGone: { _ in false }
            ).isEmpty)
    }

    @Test func `what was added is forgotten when the table holds it no more`() {
        var book = Self.book(Self.addition(1), Self.removal(2, "r5"))
        let cluster = Self.files.amended(by: book.amendments, removes: false)
        func goOn(_ r5: Table.Destination?) -> [OrderBook.Change] {
            book.goOnRemoving(
                Self.table(r5: r5), of: cluster, declared: Self.files, at: 7, isGone: { _ in false }
            )
        }
        #expect(goOn(Self.held(15, weight: 3)).isEmpty)
        #expect(goOn(Self.held(15, weight: 0)) == [.goes(2, atMilliseconds: 7)])
        // Somebody else made it: until that one removes it, it is known, and held at 0.
        #expect(goOn(Self.held(15, weight: 0)).isEmpty)
        #expect(book.amendments.added.count == 1)
        #expect(
            goOn(nil) == [
                .ends(1, atMilliseconds: 7, by: "order 2"),
                .ends(2, atMilliseconds: 7, by: KeptOrder.removal),
            ])
        #expect(book.amendments == Amendments())
    }
}

@Suite struct ServerRulesTests {
    private func refusal(_ change: (inout AdminAPI.OrderRequest) -> Void) -> String? {
        var request = AdminAPI.OrderRequest(
            action: .add, server: "r5", service: "web", reason: "more", destination: "10.0.0.15")
        change(&request)
        do throws(OrderRefusal) {
            _ = try OrderRules(ground: .sample(), book: OrderBook(), now: 0)
                .order(request, by: "anna")
            return nil
        } catch { return error.text }
    }

    @Test func `an address takes the port of the service, and is kept with it`() throws {
        let request = AdminAPI.OrderRequest(
            action: .add, server: "r5", service: "web", reason: "more", destination: "10.0.0.15")
        let order = try OrderRules(ground: .sample(), book: OrderBook(), now: 0)
            .order(request, by: "anna")
        #expect(order.record.destination == "10.0.0.15:80")
        #expect(order.isInForce && order.isAddition && !order.mayHoldZero)
        #expect(refusal { $0.destination = "[fd00::15]:8080" } == nil)
    }

    @Test func `what cannot be added is refused, and why`() {
        #expect(refusal { $0.destination = "r5.example" }?.contains("is no address") == true)
        #expect(refusal { $0.destination = nil }?.contains("is no address") == true)
        #expect(refusal { $0.service = nil } == "say to which service it is added")
        #expect(refusal { $0.service = "wob" } == "there is no service \"wob\"")
        #expect(refusal { $0.server = "a/b" }?.contains("is not a name") == true)
        #expect(refusal { $0.server = "r2" } == "\"web\" has a server \"r2\" already")
        #expect(
            refusal { $0.destination = "0.0.0.12:80" }
                == "0.0.0.12:80 belongs to \"r2\" already")
        #expect(refusal { $0.capacity = 0 } == "a capacity is 0.01 to 1000")
        #expect(refusal { $0.forSeconds = 60 }?.contains("until it is removed") == true)
        #expect(refusal { $0.weight = 3 }?.contains("order of a weight") == true)
        #expect(refusal { $0.then = .remove }?.contains("follows a drain") == true)
    }

    @Test func `a service with checks takes its servers from the files`() {
        var ground = OrderGround.sample()
        var cluster = ground.cluster
        cluster.services[1].hasChecks = true
        ground = OrderGround(cluster: cluster, table: ground.table)
        let request = AdminAPI.OrderRequest(
            action: .add, server: "r5", service: "web", reason: "more", destination: "10.0.0.15")
        do throws(OrderRefusal) {
            _ = try OrderRules(ground: ground, book: OrderBook(), now: 0).order(request, by: "anna")
            Issue.record("it was added")
        } catch {
            #expect(error.kind == .unsafe)
            #expect(error.text.contains("declare \"r5\" there"))
        }
    }

    @Test func `ready ends no addition, and a removal is asked for`() {
        var book = OrderBook([
            KeptOrder(
                AdminAPI.OrderRecord(
                    id: 4, action: .add, server: "r5", service: "web", weight: nil,
                    reason: "more", owner: "anna", state: .scheduled, isForced: false,
                    createdUnixMilliseconds: 0, startsUnixMilliseconds: 0,
                    endsUnixMilliseconds: nil, every: nil, destination: "0.0.0.15:80"))
        ])
        _ = book.turn(to: 0)
        let rules = OrderRules(ground: .sample(), book: book, now: 0)
        do throws(OrderRefusal) {
            _ = try rules.ended(by: .init(order: 4))
            Issue.record("it was ended")
        } catch {
            #expect(error.text.contains("poise server rm web/r5"))
        }
    }
}
