// A run of one question and one answer in datagrams, over UDP or ICMP.

internal import Daemon

final class DatagramRun: Run {
    private let socket: QuestionSocket
    private let talk: any DatagramTalk
    let deadline: Int64
    let interest: Readiness = .read

    /// Datagrams of others that are read in a row before the loop goes on.
    private static let mostStrangers = 16

    init(
        _ kind: QuestionSocket.Kind, to target: SocketAddress, talk: any DatagramTalk,
        deadline: Int64
    ) throws(SystemError) {
        socket = try QuestionSocket(kind, to: target)
        self.talk = talk
        self.deadline = deadline
        try talk.question.span.bytes.withUnsafeBytes { bytes throws(SystemError) in
            try socket.send(bytes)
        }
    }

    var number: Int32 { socket.number }

    func expire(at now: Int64) -> Progress { .done(talk.silence) }

    func advance(_ ready: Readiness, at now: Int64, buffer: UnsafeMutableRawBufferPointer)
        -> Progress
    {
        for _ in 0..<Self.mostStrangers {
            do throws(SystemError) {
                guard let count = try socket.receive(into: buffer) else { return .waiting }
                // The kernel gave no more than fits, and a longer answer is cut.
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<min(count, buffer.count)])
                if let outcome = talk.hear(bytes) { return .done(outcome) }
            } catch {
                return .done(
                    .failed(error.isRefusal ? "nothing listens there" : error.reason))
            }
        }
        return .waiting
    }
}
