// An answer as it arrives: freed of its framing, then read on the way or kept until it is whole.

internal import Daemon

/// Why a fetch came to nothing.
struct FetchFault: Error {
    let text: String
}

/// Takes the answer to one question apart.
final class Answer {
    /// The longest answer that is kept whole; the statistics of 500 proxies come near this.
    static let longestKept = 262_144

    private let question: Question
    private let wanted: Wanted
    private var http = HTTPResponse()
    private var fastCGI = FastCGIResponse()
    private var metrics: MetricText
    private var kept: [UInt8] = []
    private var isTooLong = false

    init(_ question: Question, _ wanted: Wanted) {
        self.question = question
        self.wanted = wanted
        metrics = MetricText(wanted.metrics)
    }

    /// Whether the connection can carry another question after this whole answer.
    var leavesConnection: Bool {
        switch question.framing {
        case .http: http.leavesConnection
        // A kept connection would hold a process of the pool; the socket of HAProxy closes.
        case .fastCGI, .untilEnd: false
        }
    }

    /// Takes the next bytes, none at the end of the connection; the figures once they are whole.
    func take(_ bytes: UnsafeRawBufferPointer) throws(FetchFault) -> [Double?]? {
        let isDone: Bool
        switch question.framing {
        case .http: isDone = try takeHTTP(bytes)
        case .fastCGI: isDone = try takeFastCGI(bytes)
        case .untilEnd:
            keep(bytes)
            isDone = bytes.isEmpty
        }
        guard !isTooLong else {
            throw FetchFault(text: "the answer is longer than \(Self.longestKept) bytes")
        }
        return isDone ? try values() : nil
    }

    private func takeHTTP(_ bytes: UnsafeRawBufferPointer) throws(FetchFault) -> Bool {
        do throws(HTTPFault) {
            if bytes.isEmpty {
                try http.end()
            } else if case .metrics = question {
                try http.take(bytes) { metrics.take($0) }
            } else {
                try http.take(bytes) { keep($0) }
            }
            return http.isDone
        } catch {
            throw FetchFault(text: error.text)
        }
    }

    private func takeFastCGI(_ bytes: UnsafeRawBufferPointer) throws(FetchFault) -> Bool {
        do throws(FastCGIFault) {
            if bytes.isEmpty { throw .cutShort }
            try fastCGI.take(bytes) { keep($0) }
            return fastCGI.isDone
        } catch {
            throw FetchFault(text: error.text)
        }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        guard kept.count + bytes.count <= Self.longestKept else {
            isTooLong = true
            return
        }
        kept.append(contentsOf: bytes)
    }

    private func values() throws(FetchFault) -> [Double?] {
        let values: [Double?]?
        let kind: String
        switch question {
        case .metrics:
            metrics.end()
            return metrics.sums
        case .nginx:
            values = kept.withUnsafeBytes { NginxSource.values(stubStatus: $0) }
            kind = "nginx's stub_status"
        case .haproxyPage, .haproxySocket:
            values = kept.withUnsafeBytes { HAProxySource.values(csv: $0, of: wanted.proxies) }
            kind = "HAProxy's statistics as CSV"
        case .phpFPM:
            values = kept.withUnsafeBytes { PHPFPMSource.values(response: $0) }
            kind = "php-fpm's status; see php-fpm-path and the pool's pm.status_path"
        }
        guard let values else { throw FetchFault(text: "the answer is not \(kind)") }
        return values
    }
}
