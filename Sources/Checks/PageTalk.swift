// Asks a web server for a page: the status has to be a good one, and the body to match.

package import Daemon

/// Which page, and what a good answer is.
package struct PageRequest: Hashable, Sendable {
    /// `GET`, `HEAD` and the like.
    package let method: String
    package let path: String
    /// The Host header.
    package let host: String
    package let statuses: StatusRanges
    package let pattern: Pattern?
    /// Over TLS when there is something here.
    package let tls: TLSSettings?
    package let agent: String

    package init(
        method: String = "GET", path: String = "/", host: String,
        statuses: StatusRanges = .successes, pattern: Pattern? = nil, tls: TLSSettings? = nil,
        agent: String = "poise-master"
    ) {
        self.method = method
        self.path = path
        self.host = host
        self.statuses = statuses
        self.pattern = pattern
        self.tls = tls
        self.agent = agent
    }

    /// The same, of a server that is known by its address and port.
    package func asking(_ target: SocketAddress, standardPort: UInt16) -> PageRequest {
        let address = target.isIPv6 ? "[\(target.host)]" : target.host
        return PageRequest(
            method: method, path: path,
            host: target.port == standardPort ? address : "\(address):\(target.port)",
            statuses: statuses, pattern: pattern, tls: tls, agent: agent)
    }
}

struct PageTalk: StreamTalk {
    private let request: PageRequest
    private var answer: HTTPAnswer

    init(_ request: PageRequest) {
        self.request = request
        // An answer to HEAD has the length of a body and none.
        answer = HTTPAnswer(isBodyWanted: request.pattern != nil && request.method != "HEAD")
    }

    var opening: [UInt8] {
        Array(
            """
            \(request.method) \(request.path) HTTP/1.1\r\nHost: \(request.host)\r\n\
            User-Agent: \(request.agent)\r\nAccept: */*\r\nConnection: close\r\n\r\n
            """.utf8)
    }

    var awaited: String { answer.hasHead ? "the answer is not complete" : "no answer" }

    mutating func hear(_ bytes: UnsafeRawBufferPointer) -> Reply {
        do throws(HTTPFault) {
            try answer.take(bytes)
        } catch {
            return .done(.failed(error.text))
        }
        if answer.hasHead, let bad = badStatus { return .done(bad) }
        return answer.isDone ? .done(judged) : .wait
    }

    mutating func end() -> Outcome {
        do throws(HTTPFault) {
            try answer.end()
        } catch {
            return .failed(error.text)
        }
        return judged
    }

    private var badStatus: Outcome? {
        guard let status = answer.status, !request.statuses.contains(status) else { return nil }
        return .failed("status \(status), and \(request.statuses.text) is good")
    }

    private var judged: Outcome {
        if let badStatus { return badStatus }
        guard let status = answer.status else { return .failed(HTTPFault.notHTTP.text) }
        guard request.pattern?.isFound(in: answer.body) ?? true else {
            return .failed("status \(status), and the body does not match")
        }
        return .passed("status \(status)")
    }
}
