// Monitoring plugins: real programs, their ends, and what is left of them.

import Daemon
import Testing
import Weighting

@testable import Checks

struct ProgramTests {
    private static let nobody = UserNumbers(user: 65_534, group: 65_534)

    private func outcome(
        _ arguments: [String], timeoutMilliseconds: Int64 = 15_000
    ) throws -> Outcome {
        let rig = try Rig()
        let target = try #require(SocketAddress("127.0.0.1:0"))
        let timing = CheckTiming(
            intervalNanoseconds: timeoutMilliseconds * 1_000_000,
            timeoutNanoseconds: timeoutMilliseconds * 1_000_000, rise: 1, fall: 1)
        let user = UserNumbers.own.user == 0 ? Self.nobody : nil
        rig.loop.adopt([
            CheckedMember(
                rig.member,
                checks: [
                    Check(
                        .program(ProgramRequest(arguments: arguments, user: user)), to: target,
                        timing: timing)
                ])
        ])
        return try rig.run()
    }

    // The first run is due at the start for the first check, whatever its interval.
    @Test func `a program's status and first line count`() throws {
        #expect(try outcome(["/bin/sh", "-c", "echo fine; exit 0"]) == .passed("fine"))
        #expect(try outcome(["/bin/sh", "-c", "echo bad; exit 2"]) == .failed("bad"))
        #expect(
            try outcome(["/no/such/program"])
                == .unasked("/no/such/program could not be run: is it there, and executable?"))
    }

    @Test func `a program that does not end is killed with all that it started`() throws {
        let outcome = try outcome(
            ["/bin/sh", "-c", "sleep 1000 & sleep 1000"], timeoutMilliseconds: 200)
        #expect(outcome == .failed("/bin/sh did not end in time"))
    }

    @Test func `a program that prints without end is read and not kept`() throws {
        let outcome = try outcome(
            ["/bin/sh", "-c", "head -c 1000000 /dev/zero; exit 2"])
        guard case .failed(let text) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(text.utf8.count <= Shown.longestBytes)
    }
}
