// How poise exits, and the letters it writes when something is wrong.

import Testing

@testable import Control
@testable import Weighting

@Suite struct OutcomeTests {
    @Test(arguments: [
        ["nonsense"], ["ls", "--nonsense"], ["explain"], ["explain", "web"], ["ls", "-o", "xml"],
        ["check", "extra"], ["ls", "--socket"],
    ])
    func `a call that cannot be understood exits with 2`(arguments: [String]) async {
        let outcome = await poise(arguments)
        #expect(outcome.status == .usage)
        #expect(outcome.output == "")
        #expect(!outcome.complaint.isEmpty)
    }

    @Test(arguments: [["--help"], ["ls", "--help"], ["help", "explain"], ["--version"], []])
    func `help and version are no errors`(arguments: [String]) async {
        let outcome = await poise(arguments)
        #expect(outcome.status == .done)
        #expect(!outcome.output.isEmpty)
        #expect(outcome.complaint == "")
    }

    @Test(arguments: [
        ["ls", "--help"], ["help", "ls"], ["policy", "test", "--help"], ["help", "policy", "test"],
        ["policy"], ["agent", "--help"],
    ])
    func `help is that of the command that is asked about`(arguments: [String]) async {
        let path = arguments.filter { $0 != "help" && $0 != "--help" }.joined(separator: " ")
        let outcome = await poise(arguments)
        #expect(outcome.status == .done)
        #expect(outcome.output.contains("USAGE: poise \(path) "))
    }

    @Test func `an unknown server lists the known ones and the near ones`() async {
        let outcome = await poise(["explain", "web/r7"])
        #expect(outcome.status == .failed)
        #expect(
            outcome.complaint
                == "poise: r7 is not a server of \"web\"; did you mean r1 or r2 or r3? "
                + "(r1 r2 r3 r4)\n")
    }

    @Test func `an unknown service lists the known ones`() async {
        #expect(
            await poise(["explain", "mail/r1"]).complaint
                == "poise: there is no service \"mail\" (web dns)\n")
        #expect(
            await poise(["ls", "wbe"]).complaint
                == "poise: there is no service \"wbe\"; did you mean web? (web dns)\n")
        #expect(
            await poise(["ls", "webb"]).complaint
                == "poise: there is no service \"webb\"; did you mean web? (web dns)\n")
    }

    @Test func `a long list of names is cut`() {
        let known = (100..<150).map { "server\($0)" }
        let advice = Names.advice(for: "x", known: known)
        #expect(advice.hasSuffix("server119 and 30 more)"))
        #expect(Names.advice(for: "x", known: []) == " (there is none)")
    }

    @Test func `the option beats the environment, and that the standard path`() async {
        func socket(_ arguments: [String], _ environment: [String: String]) async -> String {
            await poise(arguments, environment: environment, answers: [:]).complaint
        }
        let set = ["POISE_SOCKET": "/env.sock"]
        #expect(await socket(["ls"], [:]).contains(" on /run/poise/admin.sock: "))
        #expect(await socket(["ls"], set).contains(" on /env.sock: "))
        #expect(await socket(["ls", "--socket", "/my.sock"], set).contains(" on /my.sock: "))
        #expect(await socket(["--socket", "/my.sock", "ls"], set).contains(" on /my.sock: "))
    }

    @Test func `a master that is not there exits with 4, and version still tells its own`() async {
        for verb in [["ls"], ["explain", "web/r1"], ["check"]] {
            let outcome = await poise(verb, answers: [:])
            #expect(outcome.status == .masterUnreachable)
            #expect(outcome.output == "")
        }
        let outcome = await poise(["version"], answers: [:])
        #expect(outcome.status == .masterUnreachable)
        #expect(outcome.output == "poise 0.1.0\n")
    }

    @Test func `version tells both releases`() async {
        let answers = [AdminAPI.versionPath: AdminAPI.Version(version: "0.2.0")]
        #expect(await poise(["version"], answers: answers).output == "poise 0.1.0\nmaster 0.2.0\n")
        #expect(
            await poise(["version", "-o", "json"], answers: answers).output
                == "{\"master\":\"0.2.0\",\"poise\":\"0.1.0\"}\n")
    }

    @Test func `check prints the report and exits with 3 when a reload would refuse`() async {
        let bad = CheckAnswer(ok: false, errors: 1, warnings: 0, report: "a.yaml:1:2: bad\n  ^")
        let outcome = await poise(["check"], answers: [AdminAPI.checkPath: bad])
        #expect(outcome == Outcome(output: "a.yaml:1:2: bad\n  ^\n", status: .configurationInvalid))

        let report = "valid: 1 service, 2 servers, 2 agents\n"
        let good = CheckAnswer(ok: true, errors: 0, warnings: 0, report: report)
        #expect(
            await poise(["check"], answers: [AdminAPI.checkPath: good]) == Outcome(output: report))
        #expect(
            await poise(["check", "-o", "json"], answers: [AdminAPI.checkPath: bad]).output
                == #"{"errors":1,"ok":false,"report":"a.yaml:1:2: bad\n  ^","warnings":0}"# + "\n")
    }

    @Test func `a newer format is refused by name`() async {
        var snapshot = Sample.snapshot
        snapshot.format = 2
        let outcome = await poise(["ls"], answers: [AdminAPI.snapshotPath: snapshot])
        #expect(outcome.status == .failed)
        #expect(outcome.complaint.contains("format 2, this poise reads 1"))
    }
}
