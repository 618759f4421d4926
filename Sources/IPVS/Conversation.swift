// Asking the kernel: requests go out, and an answer is whole or is not used at all.

import CNetlink
import Glibc

/// Requests over one link, which is opened when needed and dropped after a faulty answer.
///
/// Dropping the link also drops what was left unread in it, which would answer the next request.
struct Conversation {
    typealias Opening = () throws(IPVSError) -> any NetlinkLink

    private let open: Opening
    private var link: (any NetlinkLink)?
    private var nextSequence: UInt32 = 1

    init(open: @escaping Opening) { self.open = open }

    /// The decoded entries of one answer; `nil` when the kernel has no such service (ESRCH).
    ///
    /// A faulty answer is thrown away whole and asked for again, three times in all.
    /// `action` says what is asked, for the error: "read 10.0.0.80:80/tcp".
    mutating func ask<Value>(
        _ request: Request, to action: String,
        decode: (ArraySlice<UInt8>) throws(AnswerFault) -> Value
    ) throws(IPVSError) -> [Value]? {
        var attempt = 1
        while true {
            let answers = try send([request])
            let fault: AnswerFault
            switch answers.list[0].endErrno {
            case 0:
                do throws(AnswerFault) {
                    return try answers.list[0].entries.map(decode)
                } catch {
                    fault = error
                }
            case ESRCH: return nil
            case ENOENT: fault = .familyGone
            case let errno?: throw IPVSError(to: action, errno: errno)
            case nil: fault = answers.fault
            }
            link = nil
            // To wait for a silent kernel again would hold up the caller's whole tick.
            guard attempt < Self.maximumAttempts, fault != .silence else {
                throw .inconsistent(to: action, fault)
            }
            attempt += 1
        }
    }

    /// Sends the requests in one datagram and gathers an answer for each of them.
    mutating func send(_ requests: [Request]) throws(IPVSError) -> Answers {
        let link = try opened()
        let first = nextSequence
        nextSequence &+= UInt32(requests.count)
        var datagram: [UInt8] = []
        datagram.reserveCapacity(requests.reduce(0) { $0 + $1.byteCount })
        for (offset, request) in requests.enumerated() {
            datagram.append(request, family: link.family, sequence: first &+ UInt32(offset))
        }
        var answers = Answers(family: link.family, firstSequence: first, count: requests.count)
        do throws(AnswerFault) {
            try link.send(datagram)
            while !answers.areWhole { try answers.take(link.receive()) }
        } catch {
            answers.fault = error
            self.link = nil
        }
        return answers
    }

    private mutating func opened() throws(IPVSError) -> any NetlinkLink {
        if let link { return link }
        let opened = try open()
        link = opened
        return opened
    }

    private static let maximumAttempts = 3
}
