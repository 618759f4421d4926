// What becomes of golden datagrams, in the words of their files.

@testable import Protocol

private let service = ServiceID(name: "web")

/// The lines with = for the last of these datagrams, taken in order by a fresh receiver.
func meaningAtMaster(_ vector: Vector) throws -> [String] {
    var receiver = try Fixture.receiver()
    for words in vector.given { set(&receiver, words) }
    var report = Report.empty
    var reply: [UInt8] = []
    for (index, (at, moment)) in vector.moments.enumerated() {
        guard case .datagram(let datagram) = moment else { return ["= a master sends no reports"] }
        let outcome = receiver.take(
            datagram.span.bytes, at: at, into: &report, reply: &reply)
        let isLast = index == vector.moments.count - 1
        switch outcome {
        case .refused(let refusal):
            return [isLast ? "= refused: \(refusal.name)" : "= one before it: \(refusal.name)"]
        case .challenged where isLast: return try ["= challenged"] + answer(reply)
        case .applied(let applied) where isLast:
            return try lines(report, applied.remarks) + answer(reply)
        case .applied, .challenged: continue
        }
    }
    return []
}

/// Follows a line with `given`.
private func set(_ receiver: inout Receiver, _ words: [String]) {
    let numbers = words.dropFirst().map { UInt16($0) ?? 0 }
    switch words.first {
    case "entitled":
        receiver.entitle(agent: 0, to: numbers.compactMap { ServiceID(rawValue: $0) })
    case "directive" where numbers.count == 3:
        receiver.setDirective(
            agent: 0,
            Directive(intervalMilliseconds: numbers[1], jitterMilliseconds: numbers[2]),
            version: UInt8(clamping: numbers[0]))
    case "standing" where numbers.count == 5:
        receiver.setStandings(
            agent: 0,
            [
                ServiceStanding(
                    id: service, weight: numbers[1],
                    admin: AdminState(rawValue: UInt8(clamping: numbers[2])) ?? .ready,
                    reason: UInt8(clamping: numbers[3]), activeConnections: UInt64(numbers[4]))
            ])
    default: break
    }
}

private func answer(_ reply: [UInt8]) throws -> [String] {
    if reply.isEmpty { return [] }
    let acknowledgement = try Acknowledgement(datagram: reply)
    return ["= answer \(reply.hex)"] + lines(acknowledgement, "answered")
}

/// The lines with = for an agent that took these datagrams in order: what became of the last, and
/// what of all of them shows in its next report.
func meaningAtAgent(_ vector: Vector) throws -> [String] {
    var session = try Fixture.session()
    var found: [String] = []
    var now: Int64 = 0
    for (at, moment) in vector.moments {
        now = at
        switch moment {
        case .sent(let sequence):
            while session.sequence < sequence { _ = session.seal(Fixture.typicalReport, at: now) }
        case .datagram(let datagram):
            switch session.receive(datagram.span.bytes, at: now) {
            case .refused(let refusal): found = ["= refused: \(refusal.name)"]
            case .probed: found = ["= probed"]
            case .challenged: found = ["= challenged"]
            case .acknowledged(let acknowledgement):
                found = lines(acknowledgement, "acknowledged")
            }
        }
    }
    let next = session.seal(Fixture.typicalReport, at: now).last ?? []
    let header = try Header(datagram: next.span.bytes)
    var remarks: Remarks = []
    let report = try Report(datagram: next, remarks: &remarks)
    let echo = report.probeEcho.map { ", echo of probe \(hex($0.nonce))" } ?? ""
    if let directive = session.directive {
        found.append(
            "= follows: interval \(directive.intervalMilliseconds), "
                + "jitter \(directive.jitterMilliseconds)")
    }
    return found + [
        "= next report: cookie \(hex(header.cookie)), directive \(report.directiveVersion)\(echo)"
    ]
}

private func lines(_ report: Report, _ remarks: Remarks) -> [String] {
    var lines = [
        "= \(report.state.name), reason \(report.reason.rawValue), flags \(report.flags.rawValue), "
            + "directive \(report.directiveVersion), interval \(report.intervalMilliseconds), "
            + "age \(report.sampleAgeMilliseconds), clock \(report.clockTenthsOfMillisecond)"
    ]
    if let host = report.host {
        lines.append(
            "= host: busy \(or(host.cpuBusyTenthsOfMillisecond)), "
                + "runnable \(or(host.runnableTenthsOfMillisecond)), "
                + "cores \(or(host.coresHundredths)), "
                + "memory \(or(host.memoryAvailableTenThousandths))")
    }
    lines += few("services", "service", report.services) { service in
        (
            "\(service.id.rawValue)",
            "\(service.state.name), reason \(service.reason.rawValue), "
                + "in flight \(or(service.inFlight)), queue \(or(service.queue)), "
                + "load \(or(service.loadTenThousandths))"
        )
    }
    if let pressure = report.pressure {
        lines.append(
            "= pressure: cpu \(or(pressure.cpuSomeTenthsOfMillisecond)), "
                + "memory \(or(pressure.memoryFullTenthsOfMillisecond)), "
                + "io \(or(pressure.ioFullTenthsOfMillisecond))")
    }
    lines += few("requests of", "requests of", report.requests) { counters in
        (
            "\(counters.id.rawValue)",
            "p99 \(or(counters.p99Microseconds)), requests \(or(counters.requests)), "
                + "errors \(or(counters.errors))"
        )
    }
    if let info = report.info {
        lines.append("= info: version \(or(info.agentVersion)), uptime \(or(info.uptimeSeconds))")
    }
    if let echo = report.probeEcho {
        lines.append("= probe echo: nonce \(echo.nonce), hold \(or(echo.holdMicroseconds))")
    }
    lines += few("customs", "custom", report.custom) { figure in
        (
            "\(figure.service.map { "\($0.rawValue)" } ?? "host")/\(figure.metric)",
            "\(figure.kind) \(figure.value)"
        )
    }
    let names = Remarks.all.filter { remarks.contains($0.remark) }.map { $0.name }
    if !names.isEmpty { lines.append("= remarks: \(names.joined(separator: " "))") }
    return lines
}

let noticeNames: [(notice: Notices, name: String)] = [
    (.keyRetiring, "key_retiring"), (.duplicateIdentity, "duplicate_identity"),
    (.notEntitled, "not_entitled"), (.versionDeprecated, "version_deprecated"),
]

private func lines(_ acknowledgement: Acknowledgement, _ label: String) -> [String] {
    var lines = [
        "= \(label): \(acknowledgement.isChallenge ? "challenge" : "applied"), "
            + "echo \(hex(acknowledgement.echoedBoot))/\(acknowledgement.echoedSequence), "
            + "hold \(or(acknowledgement.holdMicroseconds)), "
            + "directive \(acknowledgement.directiveVersion)"
    ]
    if let directive = acknowledgement.directive {
        lines.append(
            "= directive: interval \(directive.intervalMilliseconds), "
                + "jitter \(directive.jitterMilliseconds)")
    }
    lines += few("standings", "standing of", acknowledgement.standings) { standing in
        (
            "\(standing.id.rawValue)",
            "weight \(or(standing.weight)), \(standing.admin), reason \(standing.reason), "
                + "active \(or(standing.activeConnections))"
        )
    }
    let names = noticeNames.filter { acknowledgement.notices.contains($0.notice) }.map { $0.name }
    if !names.isEmpty { lines.append("= notices: \(names.joined(separator: " "))") }
    return lines
}

/// A line for each; a full report would make many that nobody reads.
private func few<Item>(
    _ plural: String, _ singular: String, _ items: [Item],
    _ words: (Item) -> (name: String, line: String)
) -> [String] {
    if items.count >= 5 {
        return ["= \(plural): \(items.map { words($0).name }.joined(separator: " "))"]
    }
    return items.map(words).map { "= \(singular) \($0.name): \($0.line)" }
}

private func hex(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
}

private func or(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "-" }
