// One fetch of a status page, from connecting to the last byte.

internal import Daemon

/// A fetch under way; never waits for the other side.
///
/// Answers of the same host come so soon that waking up for each would cost more than reading it.
/// So the first look is at a set time, and only what is not there then is watched.
final class Fetch {
    let startedAt: Int64
    let deadline: Int64
    /// When to look for the answer first; `nil` once it is watched.
    private(set) var lookAt: Int64?
    private let place: Place
    private let request: [UInt8]
    private var sent = 0
    private var connection: PageConnection
    /// Whether other questions went over the connection before and no byte of this answer came: it
    /// may have been closed before the question arrived.
    private var isUncertain: Bool
    private let answer: Answer

    /// Asks over the connection that was `kept`, if it still stands, or over a new one.
    init(
        _ question: Question, request: [UInt8], _ wanted: Wanted, over kept: PageConnection?,
        at now: Int64, lookAt: Int64, deadline: Int64, poller: borrowing Poller, token: UInt64
    ) throws(SystemError) {
        place = question.place
        self.request = request
        self.lookAt = lookAt
        self.deadline = deadline
        startedAt = now
        answer = Answer(question, wanted)
        if let kept, kept.isQuiet, (try? kept.send(request[...])) == request.count {
            connection = kept
            isUncertain = true
            sent = request.count
            return
        }
        connection = try PageConnection(to: place)
        isUncertain = false
        // On the same host the connection stands already, and the request can go at once.
        sent = try connection.send(request[...])
        if sent < request.count { try watch(for: .write, poller, token) }
    }

    /// The connection, when it can carry the next question; call it after the whole answer.
    func spare(_ poller: borrowing Poller) -> PageConnection? {
        guard answer.leavesConnection else { return nil }
        connection.rest(poller)
        return connection
    }

    /// Sends and takes what can be now; the readings once the answer is whole.
    func advance(
        poller: borrowing Poller, token: UInt64, buffer: UnsafeMutableRawBufferPointer
    ) throws(FetchFault) -> [Double?]? {
        do throws(SystemError) {
            if sent < request.count {
                sent += try connection.send(request[sent...])
                if sent == request.count { try watch(for: .read, poller, token) }
                return nil
            }
        } catch {
            throw FetchFault(text: error.description)
        }
        while let count = try receive(poller, token, buffer) {
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if let values = try answer.take(bytes) { return values }
            // The other side is done, and asking again would only hear so again.
            if count == 0 { throw FetchFault(text: "the answer ends in the middle") }
        }
        return nil
    }

    /// What has arrived; `nil` when nothing has yet, and then the connection is watched.
    private func receive(
        _ poller: borrowing Poller, _ token: UInt64, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(FetchFault) -> Int? {
        do throws(SystemError) {
            var count: Int?
            do throws(SystemError) {
                count = try connection.receive(into: buffer)
            } catch {
                guard isUncertain else { throw error }
                count = 0
            }
            if count == 0, isUncertain {
                try askAnew(poller, token)
                return nil
            }
            if count != nil {
                isUncertain = false
            } else if lookAt != nil {
                try watch(for: .read, poller, token)
            }
            return count
        } catch {
            throw FetchFault(text: error.description)
        }
    }

    /// The kept connection was closed before it carried a byte of the answer: once more over a new
    /// one, which is the last attempt.
    private func askAnew(_ poller: borrowing Poller, _ token: UInt64) throws(SystemError) {
        isUncertain = false
        connection = try PageConnection(to: place)
        sent = try connection.send(request[...])
        try watch(for: sent == request.count ? .read : .write, poller, token)
    }

    private func watch(
        for interest: Readiness, _ poller: borrowing Poller, _ token: UInt64
    ) throws(SystemError) {
        lookAt = nil
        try connection.watch(for: interest, poller, token: token)
    }
}
