// Answers on the level of bytes: what is whole, what is a fault, and that nothing traps.

import CNetlink
import Glibc
import Testing
import Weighting

@testable import IPVS

@Test func `a dump is whole when its last message came, and not before`() throws {
    var answers = Answers(family: Caught.family, firstSequence: Caught.sequence, count: 1)
    try answers.take(Caught.serviceV4 + Caught.serviceV6)
    #expect(!answers.areWhole)

    try answers.take(Caught.end)
    #expect(answers.areWhole)
    #expect(answers.list[0].endErrno == 0)
    #expect(answers.list[0].entries.count == 2)
}

@Test func `a refusal carries the kernel's error number`() throws {
    var answers = Answers(family: Caught.family, firstSequence: Caught.sequence, count: 1)
    try answers.take(Caught.noSuchService)
    #expect(answers.list[0].endErrno == ESRCH)
    #expect(answers.list[0].entries.isEmpty)
}

@Test func `an answer to another request is a fault`() {
    var answers = Answers(family: Caught.family, firstSequence: Caught.sequence + 1, count: 1)
    #expect(throws: AnswerFault.wrongSequence) { try answers.take(Caught.serviceV4) }
}

@Test func `a second end of one answer is a fault`() throws {
    var answers = Answers(family: Caught.family, firstSequence: Caught.sequence, count: 1)
    try answers.take(Caught.end)
    #expect(throws: AnswerFault.wrongSequence) { try answers.take(Caught.end) }
}

@Test func `an interrupted dump is a fault, whichever message says so`() {
    for caught in [Caught.serviceV4, Caught.end] {
        var datagram = caught
        datagram[6] |= UInt8(NLM_F_DUMP_INTR)
        var answers = Answers(family: Caught.family, firstSequence: Caught.sequence, count: 1)
        #expect(throws: AnswerFault.interrupted) { try answers.take(datagram) }
    }
}

@Test func `a message of another family is a fault`() {
    var answers = Answers(family: Caught.family + 1, firstSequence: Caught.sequence, count: 1)
    #expect(throws: AnswerFault.malformed("a message of type 28")) {
        try answers.take(Caught.serviceV4)
    }
}

@Test(arguments: Caught.all) func `a datagram cut anywhere is a fault`(caught: [UInt8]) {
    for count in 1..<caught.count {
        var answers = Answers(family: Caught.family, firstSequence: Caught.sequence, count: 1)
        #expect(throws: AnswerFault.truncated) { try answers.take(Array(caught.prefix(count))) }
    }
}

@Test func `whatever comes is decoded or refused, and nothing traps`() {
    var dice = Dice(seed: 1)
    var refused = 0
    for round in 0..<5_000 {
        var datagram = Caught.all[round % Caught.all.count]
        for _ in 0..<Int.random(in: 1...4, using: &dice) {
            let place = Int.random(in: 0..<datagram.count, using: &dice)
            datagram[place] = UInt8.random(in: 0...255, using: &dice)
        }
        var answers = Answers(family: Caught.family, firstSequence: Caught.sequence, count: 1)
        do throws(AnswerFault) {
            try answers.take(datagram)
            _ = try answers.list[0].entries.map(KernelService.init(entry:))
            _ = try answers.list[0].entries.map { entry throws(AnswerFault) in
                try KernelDestination(entry: entry, family: .v4)
            }
        } catch {
            refused += 1
        }
    }
    #expect(refused > 0)
}

@Test func `a request is laid out as the kernel reads it`() throws {
    let request = Request(
        command: Int(IPVS_CMD_GET_SERVICE), flags: NLM_F_ACK, attributes: Attributes())
    #expect(
        request.bytes(family: 28, sequence: 7)
            == UInt32(20).nativeBytes + UInt16(28).nativeBytes + UInt16(5).nativeBytes
            + UInt32(7).nativeBytes + UInt32(0).nativeBytes + [4, 1, 0, 0])
}

@Test func `a request names its service as the kernel quoted it back`() throws {
    let key = try #require(ServiceKey("1.2.3.4:5/udp"))
    let quoted = Caught.noSuchService.dropFirst(20)
    let request = Request(
        command: Int(IPVS_CMD_GET_SERVICE), flags: NLM_F_ACK, attributes: key.attributes)
    #expect(
        Array(quoted.dropFirst(16))
            == Array(request.bytes(family: Caught.family, sequence: Caught.sequence).dropFirst(16)))
}
