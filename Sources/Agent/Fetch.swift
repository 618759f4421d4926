// One fetch of a status page, from connecting to the last byte.

internal import Daemon

/// A fetch under way; never waits for the other side.
final class Fetch {
    let startedAt: Int64
    let deadline: Int64
    private let socket: StreamSocket
    private let request: [UInt8]
    private var sent: Int
    private let answer: Answer

    init(
        _ question: Question, _ wanted: Wanted, at now: Int64, deadline: Int64,
        poller: borrowing Poller, token: UInt64
    ) throws(SystemError) {
        let socket: StreamSocket =
            switch question.place {
            case .tcp(let address): try StreamSocket(connectingTo: address)
            case .unix(let path): try StreamSocket(connectingToPath: path)
            }
        request = question.request
        // On the same host the connection stands already, and the request can go at once.
        sent = try Self.send(request[...], over: socket)
        try poller.add(
            socket.number, for: sent == request.count ? .read : .write, token: token)
        self.socket = socket
        startedAt = now
        self.deadline = deadline
        answer = Answer(question, wanted)
    }

    private static func send(
        _ bytes: ArraySlice<UInt8>, over socket: borrowing StreamSocket
    ) throws(SystemError) -> Int {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(SystemError) in try socket.send(bytes) }
    }

    /// Sends and takes what can be now; the readings once the answer is whole.
    func advance(
        poller: borrowing Poller, token: UInt64, buffer: UnsafeMutableRawBufferPointer
    ) throws(FetchFault) -> [Double?]? {
        if sent < request.count {
            try sendRest(poller, token)
            return nil
        }
        while let count = try receive(buffer) {
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if let values = try answer.take(bytes) { return values }
            // The other side is done, and asking again would only hear so again.
            if count == 0 { throw FetchFault(text: "the answer ends in the middle") }
        }
        return nil
    }

    private func sendRest(_ poller: borrowing Poller, _ token: UInt64) throws(FetchFault) {
        do throws(SystemError) {
            sent += try Self.send(request[sent...], over: socket)
            if sent == request.count {
                try poller.change(socket.number, to: .read, token: token)
            }
        } catch {
            throw FetchFault(text: error.description)
        }
    }

    private func receive(_ buffer: UnsafeMutableRawBufferPointer) throws(FetchFault) -> Int? {
        do throws(SystemError) {
            return try socket.receive(into: buffer)
        } catch {
            throw FetchFault(text: error.description)
        }
    }
}
