// One fetch of a metrics page, from connecting to the last byte.

internal import Daemon

/// Why a fetch came to nothing.
struct FetchFault: Error {
    let text: String
}

/// A fetch under way; never waits for the other side.
final class Fetch {
    let startedAt: Int64
    let deadline: Int64
    private let socket: StreamSocket
    private let request: [UInt8]
    private var sent: Int
    private var response = HTTPResponse()
    private var text: MetricText

    init(
        _ url: MetricsURL, _ selectors: [MetricSelector], at now: Int64, deadline: Int64,
        poller: borrowing Poller, token: UInt64
    ) throws(SystemError) {
        let socket = try StreamSocket(connectingTo: url.address)
        request = url.request
        // On the same host the connection stands already, and the request can go at once.
        sent = try Self.send(request[...], over: socket)
        try poller.add(
            socket.number, for: sent == request.count ? .read : .write, token: token)
        self.socket = socket
        startedAt = now
        self.deadline = deadline
        text = MetricText(selectors)
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
            if try take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { return text.sums }
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

    /// Whether the answer is whole with these bytes; none of them means that the other side is done.
    private func take(_ bytes: UnsafeRawBufferPointer) throws(FetchFault) -> Bool {
        do throws(HTTPFault) {
            if bytes.isEmpty {
                try response.end()
            } else {
                try response.take(bytes) { text.take($0) }
            }
            if response.isDone { text.end() }
            return response.isDone
        } catch {
            throw FetchFault(text: error.text)
        }
    }
}
