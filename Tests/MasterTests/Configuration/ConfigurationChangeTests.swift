// What a reload would change, and when it needs a person's word.

import Testing
import Weighting

@testable import Master

@Suite struct ConfigurationChangeTests {
    private let folder: ConfigurationFolder
    private let old: Configuration

    init() throws {
        folder = try ConfigurationFolder()
        try folder.remove("services.d/mail.yaml")
        try folder.write("services.d/web.yaml", Self.services(2, members: 10))
        old = try #require(folder.load().configuration)
    }

    /// So many services, web0 and on, with so many members each.
    private static func services(_ count: Int, members: Int, from first: Int = 1) -> String {
        "services:\n"
            + (0..<count).map { service in
                "  web\(service):\n    vip: 10.0.\(service).100:80/tcp\n    servers:\n"
                    + (first..<first + members).map { member in
                        "      - {name: r\(member), address: 10.1.0.\(member)}\n"
                    }.joined()
            }.joined()
    }

    private func change(_ text: String) throws -> ConfigurationChange {
        try folder.write("services.d/web.yaml", text)
        return ConfigurationChange(from: old, to: try #require(folder.load().configuration))
    }

    @Test func `the same files change nothing`() throws {
        let change = try change(Self.services(2, members: 10))
        #expect(change.lines == [])
        #expect(change.danger == nil)
    }

    @Test func `what comes and what goes is a line each`() throws {
        let change = try change(
            Self.services(2, members: 10)
                .replacing(
                    "      - {name: r3, address: 10.1.0.3}\n",
                    with: "      - {name: r33, address: 10.1.0.33, capacity: 2}\n"
                )
                .replacing("r4, address: 10.1.0.4}", with: "r4, address: 10.1.0.4, capacity: 3}"))
        #expect(
            change.lines == [
                "- web0/r3 10.1.0.3:80", "~ web0/r4 has capacity 3.0, not 1.0",
                "+ web0/r33 10.1.0.33:80",
                "- web1/r3 10.1.0.3:80", "~ web1/r4 has capacity 3.0, not 1.0",
                "+ web1/r33 10.1.0.33:80",
                "~ the services of the table in memory, when the master is restarted",
            ])
        #expect(change.danger == nil)
    }

    @Test func `a fifth of all members may go unasked, and not one more`() throws {
        #expect(try change(Self.services(2, members: 8)).danger == nil)
        let more = try change(
            Self.services(2, members: 8)
                .replacing("      - {name: r8, address: 10.1.0.8}\n", with: "", maxReplacements: 1))
        #expect(more.danger == "take out 5 of 20 members, more than 20 %")
    }

    @Test func `a service that keeps none of its members is asked about, new ones or not`() throws {
        try folder.write("services.d/web.yaml", Self.services(20, members: 10))
        let many = try #require(folder.load().configuration)
        var text = Self.services(20, members: 10)
        text = text.replacing("10.0.7.100:80/tcp\n    servers:\n", with: "10.0.7.100:80/tcp\n#")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // All ten members of web7 become one other.
        let start = try #require(lines.firstIndex { $0.hasPrefix("#") })
        let other =
            lines[..<start] + ["    servers:", "      - {name: r99, address: 10.1.0.99}"]
            + lines[(start + 10)...]
        try folder.write("services.d/web.yaml", other.joined(separator: "\n"))
        let change = ConfigurationChange(from: many, to: try #require(folder.load().configuration))
        #expect(change.membersGone == 10)
        #expect(change.danger == "leave no member of those that are in \"web7\"")
    }

    @Test func `ten services may go unasked where they are few of all, and not eleven`() throws {
        try folder.write("services.d/web.yaml", Self.services(100, members: 2))
        let many = try #require(folder.load().configuration)
        for (left, isDangerous) in [(90, false), (89, true)] {
            try folder.write("services.d/web.yaml", Self.services(left, members: 2))
            let change = ConfigurationChange(
                from: many, to: try #require(folder.load().configuration))
            #expect((change.danger != nil) == isDangerous, "\(left)")
        }
    }

    @Test func `another change has another hash, and the same one the same`() throws {
        let one = try change(Self.services(2, members: 5)).hash
        #expect(one == (try change(Self.services(2, members: 5)).hash))
        #expect(one != (try change(Self.services(2, members: 6)).hash))
        #expect(one.count == 12)
    }

    @Test func `a proposal of files that are wrong has their report and no hash`() throws {
        try folder.write("policy.yaml", "deadband: nonsense\n")
        let proposal = AdminAPI.Proposal(folder.load(), over: old)
        #expect(!proposal.ok)
        #expect(proposal.hash == nil)
        #expect(proposal.report.contains("nonsense"))
    }
}
