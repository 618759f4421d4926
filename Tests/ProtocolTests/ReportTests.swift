// A report as bytes and back.

import Testing

@testable import Protocol

/// Reads a body and gives the report with what was odd about it.
private func read(_ body: [UInt8]) throws(Refusal) -> (report: Report, remarks: Remarks) {
    var remarks: Remarks = []
    let report = try Report(body: body.span.bytes, remarks: &remarks)
    return (report, remarks)
}

private let bare = Report(state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: 1)

@Suite struct ReportTests {
    @Test func `a report of everything comes back as it went`() throws {
        var report = Fixture.typicalReport
        report.state = .leaving
        report.reason = .hostShutdown
        report.flags = [.acknowledgementRequested, .final, .cgroupScope, .probeReply]
        report.directiveVersion = 3
        report.info = AgentInfo(agentVersion: 0x0001_0203, uptimeSeconds: 86_400)
        report.probeEcho = ProbeEcho(nonce: 0xFFFF_FFFF, holdMicroseconds: 1_500)
        report.custom = [
            CustomFigure(service: nil, metric: 1, kind: .gauge, value: 7),
            CustomFigure(service: ServiceID(name: "web"), metric: 1, kind: .ratio, value: 9_000),
        ]
        let (back, remarks) = try read(report.encoded())
        #expect(back == report)
        #expect(remarks == [])
    }

    @Test func `what is not available stays so`() throws {
        var report = bare
        let id = ServiceID(name: "web")
        report.host = HostLoad(cpuBusyTenthsOfMillisecond: 1, runnableTenthsOfMillisecond: 2)
        report.services = [ServiceLoad(id: id, state: .down, reason: .notListening)]
        report.pressure = Pressure(cpuSomeTenthsOfMillisecond: 4)
        report.requests = [RequestCounters(id: id, requests: 5)]
        report.info = AgentInfo(agentVersion: 6, uptimeSeconds: nil)
        #expect(try read(report.encoded()).report == report)
    }

    @Test func `a TLV ends before its first 32-bit number that is not available`() throws {
        var report = bare
        report.host = HostLoad(runnableTenthsOfMillisecond: 2, coresHundredths: 400)
        #expect(try read(report.encoded()).report.host == HostLoad())
    }

    @Test func `numbers outside their range are written as the nearest inside`() throws {
        var report = bare
        report.intervalMilliseconds = 1
        report.host = HostLoad(
            cpuBusyTenthsOfMillisecond: 0, runnableTenthsOfMillisecond: 0,
            coresHundredths: 0xFFFF, memoryAvailableTenThousandths: 10_001)
        report.services = [
            ServiceLoad(
                id: ServiceID(name: "web"), state: .up, inFlight: .max,
                loadTenThousandths: 0xFFFF)
        ]
        let (back, remarks) = try read(report.encoded())
        #expect(remarks == [])
        #expect(back.intervalMilliseconds == 50)
        #expect(back.host?.coresHundredths == 0xFFFE)
        #expect(back.host?.memoryAvailableTenThousandths == 10_000)
        #expect(back.services.first?.inFlight == 2047 << 30)
        #expect(back.services.first?.loadTenThousandths == 10_000)
    }

    @Test func `no report is too large for a datagram`() throws {
        var report = Fixture.typicalReport
        let ids = (1...100).compactMap { ServiceID(rawValue: $0) }
        report.services = ids.map { ServiceLoad(id: $0, state: .up) }
        report.requests = ids.map { RequestCounters(id: $0, requests: 1, errors: 1) }
        report.info = AgentInfo(agentVersion: 1, uptimeSeconds: 1)
        report.probeEcho = ProbeEcho(nonce: 1, holdMicroseconds: 1)
        report.custom = (0..<50).map {
            CustomFigure(service: nil, metric: $0, kind: .counter, value: 1)
        }
        let body = report.encoded()
        #expect(Envelope.leastByteCount + body.count <= Envelope.mostByteCount)
        let (back, remarks) = try read(body)
        #expect(remarks == [])
        #expect(back.services == Array(report.services.prefix(40)))
        #expect(back.requests == Array(report.requests.prefix(40)))
        #expect(back.custom == Array(report.custom.prefix(6)))
    }

    @Test func `a report of many services goes in parts that fit, and nothing is left out`() throws
    {
        var report = Fixture.typicalReport
        let ids = (1...100).compactMap { ServiceID(rawValue: $0) }
        report.services = ids.map { ServiceLoad(id: $0, state: .up) }
        report.requests = ids.map { RequestCounters(id: $0, requests: 1, errors: 1) }
        report.info = AgentInfo(agentVersion: 1, uptimeSeconds: 1)
        report.custom = (0..<40).map {
            CustomFigure(service: nil, metric: $0, kind: .counter, value: 1)
        }
        let parts = try report.parts.map { try read($0.encoded()).report }
        #expect(parts.count == 4)
        #expect(parts.flatMap(\.services) == report.services)
        #expect(parts.flatMap(\.requests) == report.requests)
        #expect(parts.flatMap(\.custom) == report.custom)
        #expect(parts.allSatisfy { $0.host == report.host && $0.pressure == report.pressure })
        #expect(Fixture.typicalReport.parts == [Fixture.typicalReport])
    }

    @Test func `a report that is read into one used before holds nothing of it`() throws {
        var used = Fixture.typicalReport
        used.info = AgentInfo(agentVersion: 1, uptimeSeconds: 1)
        used.probeEcho = ProbeEcho(nonce: 1, holdMicroseconds: 1)
        used.custom = [CustomFigure(service: nil, metric: 1, kind: .gauge, value: 7)]
        var remarks: Remarks = []
        try used.decode(body: bare.encoded().span.bytes, remarks: &remarks)
        #expect(used == bare)
    }

    @Test func `the least report is padded to 64 bytes`() {
        #expect(Envelope.leastByteCount + bare.encoded().count == 64)
        var report = bare
        report.info = AgentInfo(agentVersion: nil, uptimeSeconds: nil)
        #expect(Envelope.leastByteCount + report.encoded().count == 64)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `no bytes can do more than be refused`(seed: UInt64) {
        var random = SplitMix(state: seed)
        for _ in 0..<200 {
            let count = Int.random(in: 0...160, using: &random)
            var body = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Small types and lengths, or hardly one would be read to its end.
            for index in body.indices where random.next() % 2 == 0 { body[index] %= 14 }
            guard let (report, _) = try? read(body) else { continue }
            #expect(report.services.count <= Report.serviceLimit)
            #expect(Report.allowedIntervalMilliseconds.contains(report.intervalMilliseconds))
            #expect(report.host?.coresHundredths != 0)
        }
    }
}

@Suite struct HostStateTests {
    @Test func `the worse of two states holds, and unknown says nothing`() {
        let order: [HostState] = [
            .unknown, .up, .warming, .degraded, .draining, .leaving, .down,
        ]
        #expect(Set(order) == Set(HostState.allCases))
        for (rank, one) in order.enumerated() {
            for (otherRank, other) in order.enumerated() {
                #expect(HostState.worse(one, other) == order[max(rank, otherRank)])
            }
        }
    }

    @Test func `reasons without a name show their number`() {
        #expect(StateReason.maintenanceFile.name == "maintenance file")
        #expect(StateReason(rawValue: 201).name == "site 201")
        #expect(StateReason(rawValue: 42).name == "reason 42")
    }
}

@Suite struct ServiceIDTests {
    @Test func `an id is the beginning of the name's hash`() {
        // As `printf web | b2sum -l 128` prints it.
        #expect(ServiceID(name: "web").rawValue == 0x042D)
    }

    @Test func `a name whose hash begins with zeros takes the next two bytes`() {
        let name = (0...).lazy.map { "service-\($0)" }.first {
            Cryptography.hash(Array($0.utf8)).starts(with: [0, 0])
        }
        let hash = Cryptography.hash(Array((name ?? "").utf8))
        let id = ServiceID(name: name ?? "")
        #expect(id.rawValue == UInt16(hash[2]) << 8 | UInt16(hash[3]))
    }

    @Test func `0 is no service`() {
        #expect(ServiceID(rawValue: 0) == nil)
        #expect(ServiceID(rawValue: 1)?.rawValue == 1)
    }
}
