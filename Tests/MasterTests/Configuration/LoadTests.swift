// A good configuration becomes exactly what it says, and nothing else does.

import Daemon
import Protocol
import Settings
import Testing
import Weighting

@testable import Master

struct LoadTests {
    private static let web = ServiceKey.address(.v4(0x0A00_0064), port: 80, .tcp)
    private static let mail = ServiceKey.firewallMark(7, .v6)
    private static let r1 = DestinationKey(address: .v4(0x0A00_000B), port: 80)
    private static let r2 = DestinationKey(address: .v4(0x0A00_000C), port: 8080)
    private static let r1OfMail = DestinationKey(
        address: .v6(high: 0xFD00 << 48, low: 0x11), port: 0)

    private func key(_ byte: UInt8) throws -> PublicKey {
        try #require(SecretKey(bytes: Array(repeating: byte, count: 32))).publicKey
    }

    @Test func `a good configuration is exactly what its files say`() throws {
        let folder = try ConfigurationFolder()
        let loaded = folder.load()
        #expect(folder.report(loaded) == "")
        #expect(loaded.report == "valid: 2 services, 2 servers, 2 agents\n")
        #expect(CheckAnswer(loaded).report == loaded.report)

        var policy = Policy()
        policy.interval = 0.25
        policy.deadband = 0.04
        policy.floor = 0.01
        policy.fall = 4
        policy.silence = 6
        var ipvs = IPVSSettings()
        ipvs.isTableOfKernel = false
        let expected = Configuration(
            reports: [
                .any(port: 7817), try #require(SocketAddress("10.0.0.1:7818")),
            ],
            adminSocket: "\(folder.path)/run/admin.sock",
            roster: try Roster(
                secretKeys: [#require(ConfigurationFolder.secretKey)],
                agents: [("r1", [key(1)]), ("r2", [key(2), key(3)])]),
            directive: nil,
            cluster: Cluster(
                servers: [.init(name: "r1"), .init(name: "r2")],
                services: [
                    .init(
                        name: "mail", key: Self.mail,
                        members: [.init(server: 0, destination: Self.r1OfMail)]),
                    .init(
                        name: "web", key: Self.web,
                        members: [
                            .init(server: 1, destination: Self.r2, nominalCapacity: 2.5),
                            .init(server: 0, destination: Self.r1),
                        ]),
                ], policy: policy),
            table: .memory(
                Table(services: [
                    .init(
                        key: Self.mail, scheduler: .known(.wlc),
                        destinations: [.init(key: Self.r1OfMail, weight: 1)]),
                    .init(
                        key: Self.web, scheduler: .known(.sed),
                        destinations: [
                            .init(key: Self.r2, weight: 3), .init(key: Self.r1, weight: 1),
                        ]),
                ])),
            ipvs: ipvs,
            journal: JournalSettings(folder: "/var/lib/poise/journal", mostBytes: 64 << 20),
            state: "/var/lib/poise")
        #expect(loaded.configuration == expected)
    }

    @Test func `the journal is where and as large as the file says, or off`() throws {
        let folder = try ConfigurationFolder()
        try folder.write(
            "master.yaml", "version: 1\njournal: {folder: kept, size: 8MiB}\n")
        #expect(
            folder.load().configuration?.journal
                == JournalSettings(folder: folder.path + "/kept", mostBytes: 8 << 20))
        try folder.write("master.yaml", "version: 1\njournal: {record: off}\n")
        #expect(folder.load().configuration?.journal.folder == nil)
        for size in ["64", "1MiB", "8 MiB", "-4MiB", "4GiB"] {
            try folder.write("master.yaml", "version: 1\njournal: {size: \(size)}\n")
            #expect(folder.load().configuration == nil, "\(size)")
        }
    }

    @Test func `what is left out has its standard value`() throws {
        let folder = try ConfigurationFolder()
        try folder.write("master.yaml", "version: 1\n")
        try folder.remove("policy.yaml")
        let configuration = try #require(folder.load().configuration)
        #expect(configuration.reports == [.any(port: 7817)])
        #expect(configuration.adminSocket == "/run/poise/admin.sock")
        #expect(configuration.table == .kernel)
        #expect(configuration.cluster.policy == Policy())
        #expect(configuration.cluster.services.map(\.name) == ["mail", "web"])
        #expect(configuration.directive == nil)
    }

    @Test func `agents are asked for an interval when the file has one`() throws {
        let folder = try ConfigurationFolder()
        try folder.write("master.yaml", "version: 1\nreports: {every: 1s, jitter: 50ms}\n")
        let asked = try #require(folder.load().configuration).directive
        #expect(asked == Directive(intervalMilliseconds: 1_000, jitterMilliseconds: 50))
        try folder.write("master.yaml", "version: 1\nreports: {every: 50ms}\n")
        let short = try #require(folder.load().configuration).directive
        #expect(short == Directive(intervalMilliseconds: 50, jitterMilliseconds: 0))
        for wrong in [
            "{every: 49ms}", "{every: 11s}", "{every: 1}", "{every: yes}", "{jitter: 1s}",
            "{every: 1s, jitter: 1001ms}", "{every: own, jitter: 1ms}",
        ] {
            try folder.write("master.yaml", "version: 1\nreports: \(wrong)\n")
            let loaded = folder.load()
            #expect(loaded.configuration == nil, "\(wrong)")
            #expect(loaded.problems.errorCount == 1, "\(wrong)")
        }
    }

    @Test func `keys that agreed need not do so again`() throws {
        let folder = try ConfigurationFolder()
        let first = try #require(folder.load().configuration)
        let again = Configuration.load("\(folder.path)/master.yaml", reusing: first.roster)
        #expect(again.configuration == first)
    }

    @Test func `a file that two patterns name is read once, and hidden files are not`() throws {
        let folder = try ConfigurationFolder()
        try folder.write(
            "master.yaml", "version: 1\ninclude: [services.d/web.yaml, services.d/*.yaml]\n")
        try folder.write("services.d/.web.yaml", "half")
        try folder.write("services.d/web.yaml~", "half")
        try folder.write("agents/README", "half")
        let loaded = folder.load()
        #expect(folder.report(loaded) == "")
        #expect(loaded.configuration?.cluster.services.map(\.name) == ["web", "mail"])
    }

    @Test func `a byte order mark and Windows line ends change nothing`() throws {
        let folder = try ConfigurationFolder()
        let text = "\u{FEFF}interval: 1s\r\nlimits:\r\n  rise: 2\r\n"
        try folder.write("policy.yaml", text)
        let policy = try #require(folder.load().configuration).cluster.policy
        #expect(policy.interval == 1)
        #expect(policy.rise == 2)
    }

    @Test func `a file over 1 MiB is refused`() throws {
        let folder = try ConfigurationFolder()
        let blank = String(repeating: "#\n", count: Files.mostBytes / 2)
        try folder.write("policy.yaml", blank)
        #expect(folder.load().configuration != nil)
        try folder.write("policy.yaml", blank + "\n")
        let loaded = folder.load()
        #expect(loaded.configuration == nil)
        #expect(
            folder.report(loaded).hasPrefix(
                "policy.yaml: error: this file is longer than 1048576 bytes"))
    }

    @Test func `bytes that are no text, folders and deep nesting are refused`() throws {
        let folder = try ConfigurationFolder()
        try folder.remove("policy.yaml")
        try folder.write("policy.yaml/inner", "")
        try folder.write("services.d/deep.yaml", String(repeating: "[", count: 100_000))
        try folder.write(
            "services.d/less-deep.yaml",
            String(repeating: "[", count: 500) + String(repeating: "]", count: 500))
        try folder.write("services.d/control.yaml", "services: \u{1}\n")
        let loaded = folder.load()
        #expect(loaded.configuration == nil)
        #expect(loaded.problems.errorCount == 5)
    }

    @Test func `more than a hundred included files are refused`() throws {
        let folder = try ConfigurationFolder()
        for number in 1...98 { try folder.write("services.d/\(number).yaml", "# none\n") }
        #expect(folder.load().configuration != nil)
        try folder.write("services.d/99.yaml", "# none\n")
        #expect(folder.load().configuration == nil)
    }

    @Test func `a thousand members fit in a service, and one more does not`() throws {
        let folder = try ConfigurationFolder()
        let members = { (count: Int) in
            (0..<count).map {
                "      - {name: s\($0), address: 10.1.\($0 / 250).\($0 % 250)}\n"
            }.joined()
        }
        let head = "services:\n  web:\n    vip: 10.0.0.100:80/tcp\n    servers:\n"
        try folder.write("services.d/web.yaml", head + members(1000))
        let loaded = folder.load()
        #expect(loaded.configuration?.cluster.servers.count == 1001)
        // None of them has a key, and all hundred lines that are shown say so.
        #expect(loaded.problems.warningCount == 1001)
        #expect(loaded.problems.report.contains("901 more are not shown"))
        try folder.write("services.d/web.yaml", head + members(1001))
        #expect(folder.load().configuration == nil)
    }
}
