// When the journal is this process's own log.

import Testing

@testable import Master

@Suite struct LogSinkTests {
    private func isJournal(
        _ environment: [String: String], standardError: String? = "8:15", hasSocket: Bool = true
    ) -> Bool {
        LogSink.isJournal(
            environment: { environment[$0] }, processID: 42, standardError: standardError,
            hasSocket: hasSocket)
    }

    @Test func `a standard error that is the journal's stream means the journal`() {
        #expect(isJournal(["JOURNAL_STREAM": "8:15"], hasSocket: false))
    }

    @Test func `a stream that was inherited and left does not`() {
        #expect(!isJournal(["JOURNAL_STREAM": "8:16"]))
        #expect(!isJournal(["JOURNAL_STREAM": "8:15"], standardError: nil))
    }

    @Test func `a process that systemd started itself means the journal, where it is`() {
        #expect(isJournal(["SYSTEMD_EXEC_PID": "42"]))
        #expect(!isJournal(["SYSTEMD_EXEC_PID": "42"], hasSocket: false))
    }

    @Test func `a person's shell does not`() {
        #expect(!isJournal([:]))
        #expect(!isJournal(["SYSTEMD_EXEC_PID": "41"]))
    }
}
