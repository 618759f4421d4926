// A run over TCP: connect, perhaps TLS, then what a talk says and hears.

internal import Daemon

final class StreamRun: Run {
    private enum Step { case connecting, shakingHands, talking }

    private let socket: StreamSocket
    private let target: SocketAddress
    private let context: TLSContext?
    private var talk: (any StreamTalk)?
    private var tls: TLSSession?
    private var step = Step.connecting
    private var pending: ArraySlice<UInt8> = []
    private(set) var interest: Readiness = .write
    let deadline: Int64

    /// Passes of one reading in a row; a server that sends without end shall not keep the loop.
    private static let mostReads = 16

    init(
        to target: SocketAddress, talk: (any StreamTalk)?, context: TLSContext?, deadline: Int64
    ) throws(SystemError) {
        socket = try StreamSocket(connectingTo: target)
        self.target = target
        self.talk = talk
        self.context = context
        self.deadline = deadline
    }

    var number: Int32 { socket.number }

    func expire(at now: Int64) -> Progress {
        switch step {
        case .connecting: .done(.failed("no answer to the connection"))
        case .shakingHands: .done(.failed("TLS: no answer"))
        case .talking: .done(.failed(talk?.awaited ?? "no answer"))
        }
    }

    func advance(_ ready: Readiness, at now: Int64, buffer: UnsafeMutableRawBufferPointer)
        -> Progress
    {
        if step == .connecting {
            let failure = ready.contains(.ended) ? socket.failure() : nil
            if let failure { return .done(.failed(failure.reason)) }
            guard ready.contains(.write) else { return .waiting }
            if let over = connected() { return .done(over) }
        }
        if step == .shakingHands {
            switch tls?.shakeHands() ?? .failed("TLS is not to be had") {
            case .done: begin()
            case .needs(let readiness):
                interest = readiness
                return .waiting
            case .failed(let text): return .done(.failed(Shown.cut(text)))
            }
        }
        return converse(buffer)
    }

    /// The outcome when being connected was all that was asked, or TLS cannot begin.
    private func connected() -> Outcome? {
        guard talk != nil else { return .passed("connected") }
        guard let context else {
            begin()
            return nil
        }
        tls = TLSSession(context, on: socket.number, target: target)
        guard tls != nil else { return .unasked("TLS could not be begun") }
        step = .shakingHands
        return nil
    }

    private func begin() {
        step = .talking
        pending = (talk?.opening ?? [])[...]
    }

    private func converse(_ buffer: UnsafeMutableRawBufferPointer) -> Progress {
        if let failure = flush() { return .done(.failed(Shown.cut(failure))) }
        for _ in 0..<Self.mostReads {
            let reply: Reply
            switch receive(into: buffer) {
            case .nothing: reply = .wait
            case .failed(let text): return .done(.failed(Shown.cut(text)))
            case .end: return .done(talk?.end() ?? .failed("closed"))
            case .bytes(let count):
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                reply = talk?.hear(bytes) ?? .wait
                if case .wait = reply { continue }
            }
            switch reply {
            case .done(let outcome): return .done(outcome)
            case .wait:
                interest = pending.isEmpty ? .read : [.read, .write]
                return .waiting
            case .say(let bytes):
                pending += bytes
                if let failure = flush() { return .done(.failed(Shown.cut(failure))) }
            }
        }
        interest = pending.isEmpty ? .read : [.read, .write]
        return .waiting
    }

    /// Sends what waits; what went wrong, if something did.
    private func flush() -> String? {
        while !pending.isEmpty {
            let sent = pending.withUnsafeBytes { bytes -> (count: Int, failure: String?) in
                if let tls { return tls.send(bytes) }
                do throws(SystemError) {
                    return (try socket.send(bytes), nil)
                } catch {
                    return (0, error.reason)
                }
            }
            if let failure = sent.failure { return failure }
            if sent.count == 0 { return nil }
            pending = pending.dropFirst(sent.count)
        }
        return nil
    }

    private func receive(into buffer: UnsafeMutableRawBufferPointer) -> TLSSession.Received {
        if let tls { return tls.receive(into: buffer) }
        do throws(SystemError) {
            guard let count = try socket.receive(into: buffer) else { return .nothing }
            return count == 0 ? .end : .bytes(count)
        } catch {
            return .failed(error.reason)
        }
    }
}
