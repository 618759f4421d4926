// The admin API over a real socket: routes, statuses, and what happens to the socket's file.

import Foundation
import Logging
import Protocol
import ServiceLifecycle
import Testing
import Weighting

@testable import Master

@Suite struct AdminServerTests {
    @Test func `a snapshot is answered with the bytes of the golden file`() async throws {
        try await withServer(snapshot: Sample.snapshot) { client in
            let answer = try await client.get(AdminAPI.snapshotPath)
            #expect(answer.status == 200)
            #expect(answer.contentType == "application/json")
            try expectGolden("snapshot.json", answer.body)
            let decoded = try JSONDecoder().decode(Snapshot.self, from: Data(answer.body.utf8))
            #expect(decoded == Sample.snapshot)
        }
    }

    @Test(arguments: [0, 1, 2, 250]) func `a snapshot made of pieces is the one made whole`(
        count: Int
    ) throws {
        var snapshot = Sample.snapshot
        let (services, agents) = (snapshot.services, snapshot.agents)
        snapshot.services = (0..<count).map { services[$0 % services.count] }
        snapshot.agents = (0..<count).map { agents[$0 % agents.count] }
        #expect(try AdminJSON.buffer(snapshot: snapshot) == AdminJSON.buffer(snapshot))
    }

    @Test func `before the first tick the snapshot is not available yet`() async throws {
        try await withServer(snapshot: nil) { client in
            let answer = try await client.get(AdminAPI.snapshotPath)
            #expect(answer.status == 503)
            #expect(answer.contentType == "application/json")
            #expect(try answer.error().contains("first tick"))
        }
    }

    @Test func `a check is answered with what the check found`() async throws {
        try await withServer(snapshot: nil) { client in
            let answer = try await client.get(AdminAPI.checkPath)
            #expect(answer.status == 200)
            #expect(answer.body == #"{"errors":2,"ok":false,"report":"a/b: bad","warnings":1}"#)
        }
    }

    @Test func `the version is the project's`() async throws {
        try await withServer(snapshot: nil) { client in
            let answer = try await client.get(AdminAPI.versionPath)
            #expect(answer.body == #"{"version":"\#(Poise.version)"}"#)
        }
    }

    @Test func `events are those after a number, and a bad number is refused`() async throws {
        var happenings = HappeningRing()
        happenings.append(
            [Happening(.follows, services: ["web"]), Happening(.agentSilent, servers: ["r1"])],
            unixMilliseconds: 7)
        try await withServer(snapshot: nil, happenings: happenings) { client in
            let answer = try await client.get(AdminAPI.happeningsPath + "?after=1")
            #expect(
                answer.body.hasPrefix(
                    #"{"events":[{"happening":{"cause":"agent_silent","serverCount":1,"#
                        + #""servers":["r1"],"serviceCount":0,"services":[]},"number":2,"#
                        + #""unixMilliseconds":7}],"startUnixMilliseconds":1"#))
            let all = try await client.get(AdminAPI.happeningsPath)
            #expect(all.body.contains(#""services":["web"]"#))
            #expect(try await client.get(AdminAPI.happeningsPath + "?after=x").status == 400)
        }
    }

    @Test func `the services are exported for ipvsadm`() async throws {
        try await withServer(snapshot: nil) { client in
            let answer = try await client.get(AdminAPI.exportPath)
            #expect(answer.status == 200)
            #expect(answer.body == #"{"rules":["-A -t 10.0.0.1:80 -s sed"]}"#)
        }
    }

    @Test func `an unknown path is not found, and the answer names the known ones`() async throws {
        try await withServer(snapshot: nil) { client in
            let answer = try await client.get("/api/v2/snapshot")
            #expect(answer.status == 404)
            #expect(answer.contentType == "application/json")
            #expect(try answer.error().contains(AdminAPI.snapshotPath))
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE"])
    func `a known path allows nothing but reading`(method: String) async throws {
        try await withServer(snapshot: Sample.snapshot) { client in
            let answer = try await client.ask(method, AdminAPI.snapshotPath)
            #expect(answer.status == 405)
            #expect(answer.head.contains("\r\nAllow: GET, HEAD\r\n"))
            #expect(try answer.error().contains(method))
        }
    }

    @Test func `a reload is asked for by POST, and answered with what became of it`() async throws {
        try await withServer(snapshot: nil, reload: { AdminAPI.Reload(refused: $0 ?? "no") }) {
            client in
            let answer = try await client.ask("POST", AdminAPI.reloadPath)
            #expect(answer.status == 200)
            #expect(answer.body == #"{"refused":"no"}"#)
            let confirming = try await client.post(AdminAPI.reloadPath, #"{"confirm":"1a2b"}"#)
            #expect(confirming.body == #"{"refused":"1a2b"}"#)
            #expect(try await client.post(AdminAPI.reloadPath, "{").status == 400)
            let read = try await client.get(AdminAPI.reloadPath)
            #expect(read.status == 405)
            #expect(read.head.contains("\r\nAllow: POST\r\n"))
        }
        try await withServer(snapshot: nil) { client in
            let answer = try await client.ask("POST", AdminAPI.reloadPath)
            #expect(answer.status == 503)
        }
    }

    @Test func `a number that JSON cannot hold is an error and not a wrong answer`() async throws {
        var snapshot = Sample.snapshot
        snapshot.master.uptimeSeconds = .infinity
        try await withServer(snapshot: snapshot) { client in
            let answer = try await client.get(AdminAPI.snapshotPath)
            #expect(answer.status == 500)
            #expect(try !answer.error().isEmpty)
        }
    }

    @Test func `the socket is for its owner and group, and gone when the server is`() async throws {
        let path = try await withServer(snapshot: nil) { client in
            var facts = stat()
            #expect(lstat(client.path, &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o660)
            return client.path
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test func `a second server on the same socket is refused, and the first goes on`() async throws
    {
        try await withServer(snapshot: nil) { client in
            let second = AdminServer(
                socketPath: client.path, snapshot: { nil }, check: { Sample.check },
                plan: { nil }, reload: { _ in nil }, happenings: { _ in nil },
                export: { .init(rules: []) }, orders: .silent,
                logger: Logger(label: "test"))
            await #expect(throws: SocketFileError.inUse(client.path)) { try await second.run() }
            let answer = try await client.get(AdminAPI.versionPath)
            #expect(answer.status == 200)
        }
    }
}

/// Runs a server in a directory of its own for as long as `body` takes.
@discardableResult
func withServer<Value: Sendable>(
    snapshot: Snapshot?, plan: AdminAPI.Proposal? = nil,
    reload: @Sendable @escaping (_ confirm: String?) -> AdminAPI.Reload? = { _ in nil },
    happenings: HappeningRing = HappeningRing(), orders: OrderDesk = .silent,
    _ body: @Sendable @escaping (Client) async throws -> Value
) async throws -> Value {
    try await withDirectory { directory in
        let path = "\(directory)/run/admin.sock"
        let (listening, listens) = AsyncStream<Void>.makeStream()
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        let server = AdminServer(
            socketPath: path, snapshot: { snapshot }, check: { Sample.check },
            plan: { plan }, reload: { confirm in reload(confirm) },
            happenings: { happenings.after($0) },
            export: { .init(rules: ["-A -t 10.0.0.1:80 -s sed"]) }, orders: orders, logger: quiet,
            onListening: { listens.finish() })
        let group = ServiceGroup(
            services: [server], gracefulShutdownSignals: [], logger: quiet)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { listens.finish() }
                try await group.run()
            }
            for await _ in listening {}
            let value = try await body(Client(path: path))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return value
        }
    }
}
