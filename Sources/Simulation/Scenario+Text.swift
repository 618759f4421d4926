// Scenarios as text: the built-in ones, and those in a person's file.

extension Scenario {
    /// Why a text is not a scenario, and where.
    package struct Mistake: Error, Equatable {
        /// From 1.
        package let line: Int
        package let text: String
    }

    /// The most servers of a scenario, the longest one, and the most requests; more would take
    /// hours.
    static let mostServers = 1_000
    static let longestSeconds = 3_600.0
    static let mostRequests = 1e9
    /// The most scenarios in one text.
    static let mostScenarios = 100

    /// Reads scenarios: `[name]`, then lines of `key = value`; `#` begins a comment.
    package static func read(_ text: String) throws(Mistake) -> [Scenario] {
        var scenarios: [Scenario] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, whole) in lines.enumerated() {
            let line = index + 1
            let words = whole.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let first = words.first else { continue }
            do throws(Wrong) {
                if first.hasPrefix("[") {
                    try scenarios.last?.check()
                    scenarios.append(Scenario(name: try name(words, known: scenarios)))
                    continue
                }
                guard words.count >= 3, words[1] == "=" else {
                    throw Wrong("a line is \"key = value\" or \"[name]\"")
                }
                guard !scenarios.isEmpty else { throw Wrong("the first line is a \"[name]\"") }
                try scenarios[scenarios.count - 1].take(String(first), Words(words.dropFirst(2)))
            } catch {
                throw Mistake(line: line, text: error.text)
            }
        }
        do throws(Wrong) {
            try scenarios.last?.check()
        } catch {
            throw Mistake(line: lines.count, text: error.text)
        }
        return scenarios
    }

    /// What is wrong with a line.
    struct Wrong: Error {
        let text: String

        init(_ text: String) { self.text = text }
    }

    private static func name(
        _ words: [Substring], known: [Scenario]
    ) throws(Wrong) -> String {
        let name = String(words[0].dropFirst().dropLast())
        guard words.count == 1, words[0].hasSuffix("]"), (1...32).contains(name.count),
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
        else {
            throw Wrong("a name is up to 32 letters, digits, - or _ in brackets, as [S4]")
        }
        guard known.count < mostScenarios else {
            throw Wrong("there are more than \(mostScenarios) scenarios")
        }
        guard !known.contains(where: { $0.name == name }) else {
            throw Wrong("there are two scenarios \"\(name)\"")
        }
        return name
    }

    private mutating func take(_ key: String, _ given: Words) throws(Wrong) {
        var words = given
        switch key {
        case "title": title = words.rest()
        case "servers": servers = try words.integer(1...Self.mostServers)
        case "cores": coresInTurn = try words.integers(1...1_024)
        case "discipline": discipline = try words.word(["sharing": .sharing, "queue": .queue])
        case "utilisation": utilisation = try words.share(0.01...2)
        case "service": try takeService(&words)
        case "arrivals": try takeArrivals(&words)
        case "connections": try takeConnections(&words)
        case "reports": try takeReports(&words)
        case "fault": faults.append(try words.fault())
        case "warmup": warmup = try words.seconds(0...Self.longestSeconds)
        case "steady": steady = try words.span(Self.longestSeconds)
        case "event": event = try words.span(Self.longestSeconds)
        case "length": length = try words.seconds(1...Self.longestSeconds)
        default:
            throw Wrong(
                "there is no key \"\(key)\"; there are title, servers, cores, discipline, "
                    + "utilisation, service, arrivals, connections, reports, fault, warmup, "
                    + "steady, event and length")
        }
        try words.end()
    }

    private mutating func takeService(_ words: inout Words) throws(Wrong) {
        let kind = try words.next("exponential, fixed, lognormal or pareto")
        serviceSeconds = try words.seconds(0.000_1...60)
        switch kind {
        case "exponential": service = .exponential
        case "fixed": service = .fixed
        case "lognormal": service = .lognormal(sigma: try words.number(0.01...3))
        case "pareto": service = .pareto(alpha: try words.number(1.05...10))
        default: throw Wrong("\"\(kind)\" is not exponential, fixed, lognormal or pareto")
        }
    }

    private mutating func takeArrivals(_ words: inout Words) throws(Wrong) {
        let kind = try words.next("even or bursts")
        switch kind {
        case "even": arrivals = .even
        case "bursts":
            let factor = try words.number(1...100)
            let burst = try words.seconds(0.01...600)
            let calm = try words.seconds(0.01...600)
            guard burst + calm > factor * burst else {
                throw Wrong("the bursts alone bring more than the mean rate; make them weaker")
            }
            arrivals = .bursts(factor: factor, burstSeconds: burst, calmSeconds: calm)
        default: throw Wrong("\"\(kind)\" is not even or bursts")
        }
    }

    private mutating func takeConnections(_ words: inout Words) throws(Wrong) {
        let kind = try words.next("short or long")
        switch kind {
        case "short": connections = .short
        case "long":
            connections = .long(
                requests: try words.number(1.01...10_000),
                thinkSeconds: try words.seconds(0.001...600),
                variation: words.isEmpty ? 0 : try words.number(0...10))
        default: throw Wrong("\"\(kind)\" is not short or long")
        }
    }

    private mutating func takeReports(_ words: inout Words) throws(Wrong) {
        while let key = words.optional() {
            switch key {
            case "every": reporting.intervalSeconds = try words.seconds(0.1...10)
            case "delay": reporting.delaySeconds = try words.seconds(0...10)
            case "loss": reporting.loss = try words.share(0...1)
            case "noise": reporting.noise = try words.share(0...1)
            case "until": reporting.endsAt = try words.seconds(0...Self.longestSeconds)
            case "blind": reporting.isBlind = true
            default:
                throw Wrong("\"\(key)\" is not every, delay, loss, noise, until or blind")
            }
        }
    }

    /// What can only be told when all lines were read.
    private func check() throws(Wrong) {
        for fault in faults where fault.servers.upperBound >= servers {
            throw Wrong(
                "\(name) has a fault of server \(fault.servers.upperBound), and servers "
                    + "0-\(servers - 1)")
        }
        guard requestRate * length <= Self.mostRequests else {
            throw Wrong(
                "\(name) would be more than \(Int(Self.mostRequests)) requests; make it shorter, or "
                    + "give its servers less to do")
        }
        guard warmup < length, event.upperBound <= length, steady.upperBound <= length else {
            throw Wrong("\(name) ends before its warmup, its steady time or its event does")
        }
    }
}
