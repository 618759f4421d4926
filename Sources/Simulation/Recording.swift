// What happened, second by second: for figures over windows of time, and for plots.

/// Series of one run; the index is the second.
package struct Recording: Equatable, Sendable {
    package let seconds: Int
    package let servers: Int
    /// Of good requests that began in that second.
    private var latencySums: [Double]
    private var latencyCounts: [Int32]
    /// Second by second, each with one figure for each server.
    private var arrivals: [Int32]
    private var weights: [Float]
    private var loads: [Float]
    /// Weights written in that second.
    package private(set) var edits: [Int]

    init(seconds: Int, servers: Int) {
        self.seconds = seconds
        self.servers = servers
        latencySums = Array(repeating: 0, count: seconds)
        latencyCounts = Array(repeating: 0, count: seconds)
        arrivals = Array(repeating: 0, count: seconds * servers)
        weights = Array(repeating: 0, count: seconds * servers)
        loads = Array(repeating: 0, count: seconds * servers)
        edits = Array(repeating: 0, count: seconds)
    }

    mutating func arrive(server: Int, at now: Double) {
        let second = Int(now)
        if second < seconds { arrivals[second * servers + server] += 1 }
    }

    mutating func finish(startedAt: Double, latency: Double) {
        let second = Int(startedAt)
        guard second < seconds else { return }
        latencySums[second] += latency
        latencyCounts[second] += 1
    }

    /// At the end of each second: each server's share of the weights, and its requests per core.
    mutating func sample(second: Int, weightShares: [Double], loads: [Double], edits: Int) {
        guard second < seconds else { return }
        for server in 0..<servers {
            weights[second * servers + server] = Float(weightShares[server])
            self.loads[second * servers + server] = Float(loads[server])
        }
        self.edits[second] = edits
    }

    /// The mean latency of a second, seconds; 0 where no request ended well.
    package func meanLatency(_ second: Int) -> Double {
        latencyCounts[second] > 0 ? latencySums[second] / Double(latencyCounts[second]) : 0
    }

    package func weightShare(_ second: Int, server: Int) -> Double {
        Double(weights[second * servers + server])
    }

    package func load(_ second: Int, server: Int) -> Double {
        Double(loads[second * servers + server])
    }

    /// Requests in these seconds, of one server or of all.
    func arrivalCount(_ span: Range<Int>, server: Int? = nil) -> Int {
        span.clamped(to: 0..<seconds).reduce(0) { sum, second in
            let row = arrivals[second * servers..<(second + 1) * servers]
            return sum
                + (server.map { Int(row[row.startIndex + $0]) } ?? row.reduce(0) { $0 + Int($1) })
        }
    }

    /// Of the requests in these seconds, those to one server.
    func arrivalShare(_ span: Range<Int>, server: Int) -> Double {
        Double(arrivalCount(span, server: server)) / Double(max(arrivalCount(span), 1))
    }

    /// The mean, over servers, of the variation of their weight's share.
    func weightVariation(_ span: Range<Int>) -> Double {
        let span = span.clamped(to: 0..<seconds)
        var (sum, counted) = (0.0, 0)
        for server in 0..<servers {
            let shares = span.map { weightShare($0, server: server) }
            let mean = shares.reduce(0, +) / Double(max(shares.count, 1))
            guard mean > 0 else { continue }
            let square = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            sum += (square / Double(shares.count)).squareRoot() / mean
            counted += 1
        }
        return counted > 0 ? sum / Double(counted) : 0
    }
}
