// What becomes of a datagram, in the words of the golden files.

@testable import Protocol

/// The lines with = for the last of these datagrams, taken in order by a fresh receiver.
func meaning(of datagrams: [[UInt8]]) throws -> [String] {
    var receiver = try Fixture.receiver()
    for datagram in datagrams.dropLast() {
        if let refusal = receiver.refusal(datagram) {
            return ["= a datagram before it was refused: \(refusal.name)"]
        }
    }
    switch receiver.outcome(datagrams.last ?? []) {
    case .failure(let refusal): return ["= refused: \(refusal.name)"]
    case .success(let verified): return lines(verified.report, verified.remarks)
    }
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
    // A full report would make many lines that nobody reads.
    let many = 5
    if report.services.count >= many {
        lines.append(
            "= services: \(report.services.map { "\($0.id.rawValue)" }.joined(separator: " "))")
    }
    for service in report.services where report.services.count < many {
        lines.append(
            "= service \(service.id.rawValue): \(service.state.name), "
                + "reason \(service.reason.rawValue), in flight \(or(service.inFlight)), "
                + "queue \(or(service.queue)), load \(or(service.loadTenThousandths))")
    }
    if let pressure = report.pressure {
        lines.append(
            "= pressure: cpu \(or(pressure.cpuSomeTenthsOfMillisecond)), "
                + "memory \(or(pressure.memoryFullTenthsOfMillisecond)), "
                + "io \(or(pressure.ioFullTenthsOfMillisecond))")
    }
    if report.requests.count >= many {
        lines.append(
            "= requests of: \(report.requests.map { "\($0.id.rawValue)" }.joined(separator: " "))")
    }
    for counters in report.requests where report.requests.count < many {
        lines.append(
            "= requests of \(counters.id.rawValue): p99 \(or(counters.p99Microseconds)), "
                + "requests \(or(counters.requests)), errors \(or(counters.errors))")
    }
    if let info = report.info {
        lines.append("= info: version \(or(info.agentVersion)), uptime \(or(info.uptimeSeconds))")
    }
    let names = Remarks.all.filter { remarks.contains($0.remark) }.map { $0.name }
    if !names.isEmpty { lines.append("= remarks: \(names.joined(separator: " "))") }
    return lines
}

private func or(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "-" }
