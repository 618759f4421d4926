// poise agent when the first time went wrong: a master that does not answer, and calls made again.

import Protocol
import Testing
import Weighting

@testable import Control

@Suite struct AgentAgainTests {
    @Test(arguments: [
        Control.Failure.Reason.tooLate(seconds: 5), .notAllowed, .badPath, .other("reset"),
    ])
    func `only a master that is not there may be taken for one that is down`(
        absence: Control.Failure.Reason
    ) async throws {
        let director = try Director()
        let added = await director.agent(
            "add", "r3", "\(director.keys[3])", reload: nil, absence: absence)
        #expect(added.status == .masterUnreachable)
        #expect(!added.complaint.contains("in force"))
        _ = await director.agent("rotate", "r1", "\(director.keys[4])")
        for arguments in [["rm", "r2"], ["rotate", "r1", "--undo"]] {
            let outcome = await director.agent(arguments, reload: nil, absence: absence)
            #expect(outcome.status == .masterUnreachable)
            #expect(outcome.complaint.contains("The key may still be in force."))
        }
    }

    @Test func `a key that a master refuses to drop is said to be in force`() async throws {
        let outcome = try await Director().agent("rm", "r2", reload: .init(refused: "bad files"))
        #expect(outcome.status == .configurationInvalid)
        #expect(outcome.complaint.contains("bad files. The key may still be in force."))
    }

    @Test func `the socket is the one that the same file names`() async throws {
        let director = try Director("agents: keys\nlisten:\n  # for poise\n  admin: run/a.sock\n")
        let outcome = await director.agent("rm", "r2", reload: nil)
        #expect(outcome.output.contains("No master answers on run/a.sock;"))
        let other = await director.agent("rm", "r1", "--socket", "/my.sock", reload: nil)
        #expect(other.output.contains("No master answers on /my.sock;"))
    }

    @Test(arguments: [
        ("listen: {reports: \"[::]:7817\", admin: \"/a.sock\"}\n", "/a.sock"),
        ("listen:\r\n  reports:\r\n    - 10.0.0.1:1\r\n  admin: b.sock # c\r\n", "/etc/b.sock"),
        ("listen:\n  reports: x\nother:\n  admin: /c.sock\n", nil), ("version: 1\n", nil),
    ])
    func `the admin socket is read where it stands in a line`(text: String, socket: String?) {
        #expect(MasterText(text, path: "/etc/master.yaml").adminSocket == socket)
    }

    @Test func `what was done already is said, and the master reads it once more`() async throws {
        let director = try Director()
        let (old, new) = (director.keys[1], director.keys[3])
        _ = await director.agent("rotate", "r1", "\(new)")
        _ = await director.agent("rm", "r2")
        let calls = [
            ["rotate", "r1", "\(new)"], ["rm", "r2"], ["add", "r3", "\(old)"],
        ]
        _ = await director.agent("rotate", "r1", "--finish", inUse: new)
        _ = await director.agent("add", "r3", "\(old)")
        let files = director.files
        for call in calls + [["rotate", "r1", "--finish"]] {
            let outcome = await director.agent(call, knows: [.unheard("r2")])
            #expect(outcome.status == .done, "\(outcome.complaint)")
            #expect(outcome.output.contains("already"))
            #expect(outcome.output.hasSuffix("The master has read it.\n"))
        }
        #expect(director.files == files)
        #expect(director.text("r1.pub") == "# web 1\n\(new)\n")
        #expect(await director.agent("add", "r3", "\(director.keys[5])").status == .failed)
    }

    @Test func `a rotation does not end before the agent uses the new key`() async throws {
        let director = try Director()
        let (old, new) = (director.keys[1], director.keys[3])
        _ = await director.agent("rotate", "r1", "\(new)")
        let both = director.text("r1.pub")
        for inUse in [old, nil] {
            let outcome = await director.agent("rotate", "r1", "--finish", inUse: inUse)
            #expect(outcome.status == .unsafe)
            #expect(outcome.complaint.contains("the old keys of r1 stay"))
        }
        let alone = await director.agent("rotate", "r1", "--finish", reload: nil)
        #expect(alone.status == .masterUnreachable)
        #expect(alone.complaint.contains("the old keys of r1 stay"))
        #expect(alone.complaint.contains("cannot reach the master"))
        #expect(alone.complaint.contains("POISE_SOCKET. See poise agent ls;"))
        #expect(director.text("r1.pub") == both)
        #expect(await director.agent("rotate", "r1", "--finish", "--force").status == .done)
        #expect(director.text("r1.pub") == "# web 1\n\(new)\n")
        #expect(await director.agent("rotate", "r1", "--undo", "--force").status == .usage)
    }

    @Test func `the list says which key an agent reports with`() async throws {
        let director = try Director()
        let (old, new) = (director.keys[1], director.keys[3])
        _ = await director.agent("rotate", "r1", "\(new)")
        #expect(
            await director.agent("ls", inUse: old).output.contains("reports with \(old.short)\n"))
        #expect(
            await director.agent("ls", inUse: new).output.contains(
                "reports with the newest key: poise agent rotate r1 --finish\n"))
    }

    @Test func `the list says when the newest reload was refused`() async throws {
        let director = try Director()
        var snapshot = Sample.snapshot
        snapshot.master.reloadRefused = "the files were refused at the last reload"
        let outcome = await poise(
            ["agent", "ls", "--config", "\(director.path)/master.yaml"],
            answers: [AdminAPI.snapshotPath: snapshot])
        #expect(outcome.status == .done)
        #expect(outcome.complaint.contains("the files were refused at the last reload."))
    }

    @Test func `files with the ends of lines of other systems have their keys`() throws {
        let (one, other) = (Director.key(1), Director.key(2))
        var file = AgentKeyFile(text: "\u{FEFF}\(one) # new\r\n# old\r\n\(other)\r\n")
        #expect(file.keys == [one, other])
        file.keepNewest()
        #expect(file.text == "\(one) # new\n# old\n")
        #expect(try MasterText("version: 1\r\nagents: k\r\n", path: "f").agents() == "k")
    }

    @Test(arguments: [
        "\"agents\": k\n", "agents : k\n", " agents: k\n", "agents:\n  k\n", "agents: &a k\n",
        "agents: |\n  k\n", "? agents\n: k\n", "agents: 'k\n",
    ])
    func `a folder that is named in another form is refused`(text: String) {
        #expect(throws: Control.Failure.self) { try MasterText(text, path: "f").agents() }
    }

    @Test(arguments: ["# agents: k\n", "include: [agents/*.yaml]\n"])
    func `a word in another place names no folder`(text: String) throws {
        #expect(try MasterText(text, path: "f").agents() == "agents")
    }
}
