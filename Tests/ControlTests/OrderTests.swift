// poise drain, ready, set-weight and orders: what they ask for, what they say, how they exit.

import Synchronization
import Testing

@testable import Control
@testable import Weighting

@Suite struct OrderTests {
    private static func record(
        _ id: UInt64 = 7, action: AdminAPI.OrderAction = .drain, service: String? = "web",
        state: AdminAPI.OrderState = .inForce, ends: Int? = nil
    ) -> AdminAPI.OrderRecord {
        AdminAPI.OrderRecord(
            id: id, action: action, server: "r1", service: service,
            weight: action == .weight ? 20 : nil, reason: "new kernel", owner: "anna",
            state: state, isForced: false, createdUnixMilliseconds: 1_795_435_200_000,
            startsUnixMilliseconds: 1_795_435_200_000, endsUnixMilliseconds: ends, every: nil)
    }

    /// The sample's web/r1, drained by order 7, with so many connections.
    private static func drained(
        active: Int, persistent: Int = 0, weight: Int = 0
    ) -> Snapshot {
        var snapshot = Sample.snapshot
        snapshot.services[0].members[0].weight = weight
        snapshot.services[0].members[0].activeConnections = active
        snapshot.services[0].members[0].inactiveConnections = 0
        snapshot.services[0].members[0].persistentConnections = persistent
        snapshot.services[0].members[0].orders = [
            Snapshot.Order(id: 7, what: "drain", owner: "anna", reason: "new kernel")
        ]
        return snapshot
    }

    private static func answers(
        _ snapshot: Snapshot, notes: [String] = []
    ) -> [String: any Encodable & Sendable] {
        [
            AdminAPI.snapshotPath: snapshot,
            "POST \(AdminAPI.ordersPath)": AdminAPI.OrderAnswer(order: record(), notes: notes),
        ]
    }

    @Test func `a drain asks for what was said, and tells the order`() async {
        let body = Mutex("")
        let outcome = await poise(
            [
                "drain", "web/r1", "--reason", "new kernel", "--for", "20m", "--at", "02:00",
                "--force",
            ],
            environment: ["SUDO_USER": "anna"], answers: Self.answers(Sample.snapshot),
            heard: { text in body.withLock { $0 = text } })
        #expect(outcome.status == .done)
        #expect(outcome.output == "order 7: drain of web/r1 by anna: new kernel\n")
        let wanted = """
            {"action":"drain","asker":"anna","at":"02:00","forSeconds":1200,"force":true,\
            "reason":"new kernel","server":"r1","service":"web"}

            """
        #expect(body.withLock { $0 } == wanted)
    }

    @Test func `--wait returns when no connection is left, and not before`() async {
        let snapshots = Mutex([40, 20, 0])
        let outcome = await CommandLineRun(
            environment: { _ in nil }, isTerminal: false,
            fetch: { (socket, method, path, _) throws(Failure) in
                guard path == AdminAPI.snapshotPath else {
                    return try Self.bytes(AdminAPI.OrderAnswer(order: Self.record()))
                }
                let active = snapshots.withLock { left in
                    left.count > 1 ? left.removeFirst() : left[0]
                }
                return try Self.bytes(Self.drained(active: active))
            }, pause: { _ in }
        ).run(["drain", "web/r1", "--reason", "new kernel", "--wait"])
        #expect(outcome.status == .done)
        #expect(snapshots.withLock { $0 } == [0])
    }

    private static func bytes(_ value: some Encodable) throws(Failure) -> [UInt8] {
        Array(try JSON.text(value, isPretty: false).utf8)
    }

    @Test(arguments: [
        (3, 0, 0, "3 connections are left"),
        (0, 2, 0, "no connection is left, but 2 entries of persistence that lead to it"),
        (0, 0, 5, "it still has a weight"),
    ])
    func `a wait that is too long exits with 6 and says what is left`(
        active: Int, persistent: Int, weight: Int, text: String
    ) async {
        let outcome = await poise(
            ["drain", "web/r1", "--reason", "new kernel", "--wait", "--timeout", "3s"],
            answers: Self.answers(
                Self.drained(active: active, persistent: persistent, weight: weight)))
        #expect(outcome.status == .tooLate)
        #expect(outcome.complaint.contains("web/r1 is not drained after 3 s: \(text)"))
        #expect(outcome.complaint.contains("Order 7 stays in force"))
    }

    @Test func `what decides whether a drain drains is said`() async {
        let outcome = await poise(
            ["drain", "web/r1", "--reason", "new kernel"],
            answers: Self.answers(Sample.snapshot, notes: ["12 entries of persistence"]))
        #expect(outcome.complaint == "poise: 12 entries of persistence\n")
    }

    @Test(arguments: [
        ["drain", "web/r1"], ["drain", "web/r1", "--reason", "x", "--service", "web"],
        ["drain", "r1", "--reason", "x", "--for", "soon"],
        ["drain", "r1", "--reason", "x", "--timeout", "3s"], ["ready"],
        ["ready", "r1", "--order", "3"], ["set-weight", "r1", "20", "--reason", "x"],
        ["drain", "r1", "--reason", "x", "--then", "explode"],
        ["server", "add", "r5", "10.0.0.15", "--reason", "x"],
    ])
    func `words that make no sense exit with 2`(arguments: [String]) async {
        let outcome = await poise(arguments, answers: Self.answers(Sample.snapshot))
        #expect(outcome.status == .usage)
    }

    @Test func `a server that is not there is said with those that are near`() async {
        let outcome = await poise(
            ["drain", "web/r9", "--reason", "x"], answers: Self.answers(Sample.snapshot))
        #expect(outcome.status == .failed)
        #expect(outcome.complaint.contains("did you mean r1"))
    }

    @Test func `a rule that refuses exits with 5, in the master's words`() async {
        let outcome = await CommandLineRun(
            environment: { _ in nil }, isTerminal: false,
            fetch: { (socket, method, path, _) throws(Failure) in
                guard method == .post else { return try Self.bytes(Sample.snapshot) }
                throw .refused(socket: socket, path: path, status: 409, text: "the last server")
            }, pause: { _ in }
        ).run(["drain", "web/r1", "--reason", "x"])
        #expect(outcome.status == .unsafe)
        #expect(outcome.complaint == "poise: the last server\n")
    }

    @Test func `the order that holds a member is shown with it`() async {
        let answers = [AdminAPI.snapshotPath: Self.drained(active: 3)]
        #expect(
            await poise(["explain", "web/r1"], answers: answers).output
                .contains("Order 7: drain by anna: new kernel"))
        #expect(
            await poise(["ls", "-o", "wide"], answers: answers).output
                .contains("order 7: drain by anna: new kernel"))
    }

    @Test func `a server is added by its address, and removed by a drain`() async {
        let bodies = Mutex<[String]>([])
        let hear: @Sendable (String) -> Void = { text in bodies.withLock { $0.append(text) } }
        let answers = Self.answers(Sample.snapshot)
        _ = await poise(
            ["server", "add", "web/r5", "10.0.0.15", "--reason", "more", "--capacity", "2"],
            answers: answers, heard: hear)
        _ = await poise(
            ["server", "rm", "web/r1", "--reason", "old"], answers: answers, heard: hear)
        let wanted = [
            """
            {"action":"add","capacity":2,"destination":"10.0.0.15","force":false,"reason":"more",\
            "server":"r5","service":"web"}

            """,
            """
            {"action":"drain","force":false,"reason":"old","server":"r1","service":"web",\
            "then":"remove"}

            """,
        ]
        #expect(bodies.withLock { $0 } == wanted)
    }

    @Test func `a removal is waited for until the server has left`() async {
        let asked = Mutex(0)
        let outcome = await CommandLineRun(
            environment: { _ in nil }, isTerminal: false,
            fetch: { (socket, method, path, _) throws(Failure) in
                var record = Self.record()
                record.then = .remove
                if path == AdminAPI.snapshotPath {
                    return try Self.bytes(Self.drained(active: 0))
                }
                if method == .post { return try Self.bytes(AdminAPI.OrderAnswer(order: record)) }
                let count = asked.withLock { count in
                    count += 1
                    return count
                }
                if count > 2 { record.goneUnixMilliseconds = 1 }
                return try Self.bytes(AdminAPI.Orders(orders: [record]))
            }, pause: { _ in }
        ).run(["server", "rm", "web/r1", "--reason", "old", "--wait"])
        #expect(outcome.status == .done)
        #expect(asked.withLock { $0 } == 3)
        #expect(outcome.output.hasSuffix("web/r1 has left: no connection is left\n"))
    }

    @Test func `ready tells what it ended`() async {
        let outcome = await poise(
            ["ready", "web/r1"],
            answers: [
                AdminAPI.snapshotPath: Sample.snapshot,
                "POST \(AdminAPI.endPath)": AdminAPI.Orders(orders: [Self.record(state: .ended)]),
            ])
        #expect(outcome.output == "ended order 7: drain of web/r1 by anna: new kernel\n")
    }

    @Test func `the list shows what is left of a drain in force`() async {
        let outcome = await poise(
            ["orders"],
            answers: [
                AdminAPI.snapshotPath: Self.drained(active: 37, persistent: 3),
                AdminAPI.ordersPath: AdminAPI.Orders(orders: [
                    Self.record(ends: 1_795_435_260_000), Self.record(8, action: .weight),
                ]),
            ])
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].contains("web/r1"))
        #expect(lines[1].contains(" 40 "))
        #expect(lines[2].contains("weight 20"))
    }
}
