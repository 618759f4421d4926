// Reports and tables with anything in them that they can hold.

import Protocol
import Weighting

extension Report {
    static func random(using dice: inout Dice) -> Report {
        func maybe<Value>(_ value: Value, _ dice: inout Dice) -> Value? {
            Bool.random(using: &dice) ? value : nil
        }
        func word(_ dice: inout Dice) -> UInt32 { .random(in: 0...UInt32.max, using: &dice) }
        func count(_ dice: inout Dice) -> UInt64? {
            MiniFloat16.decode(.random(in: 0...MiniFloat16.largest, using: &dice))
        }
        func id(_ dice: inout Dice) -> ServiceID { ServiceID(name: "s\(word(&dice) % 50)") }
        var report = Report(
            state: HostState.allCases.randomElement(using: &dice) ?? .up,
            reason: StateReason(rawValue: .random(in: 0...255, using: &dice)),
            flags: [[], .final, .sampleStale, .cgroupScope].randomElement(using: &dice) ?? [],
            intervalMilliseconds: .random(in: 50...10_000, using: &dice),
            sampleAgeMilliseconds: .random(in: 0...UInt16.max, using: &dice),
            clockTenthsOfMillisecond: word(&dice))
        report.host = maybe(
            HostLoad(
                cpuBusyTenthsOfMillisecond: maybe(word(&dice), &dice),
                runnableTenthsOfMillisecond: maybe(word(&dice), &dice),
                coresHundredths: maybe(.random(in: 1...UInt16.max, using: &dice), &dice),
                memoryAvailableTenThousandths: maybe(
                    .random(in: 0...10_000, using: &dice), &dice)), &dice)
        report.pressure = maybe(
            Pressure(
                cpuSomeTenthsOfMillisecond: maybe(word(&dice), &dice),
                memoryFullTenthsOfMillisecond: maybe(word(&dice), &dice),
                ioFullTenthsOfMillisecond: maybe(word(&dice), &dice)), &dice)
        report.info = maybe(
            AgentInfo(
                agentVersion: maybe(word(&dice), &dice), uptimeSeconds: maybe(word(&dice), &dice)),
            &dice)
        for _ in 0..<Int.random(in: 0...3, using: &dice) {
            report.services.append(
                ServiceLoad(
                    id: id(&dice), state: HostState.allCases.randomElement(using: &dice) ?? .up,
                    reason: StateReason(rawValue: .random(in: 0...255, using: &dice)),
                    inFlight: maybe(count(&dice), &dice) ?? nil,
                    queue: maybe(count(&dice), &dice) ?? nil,
                    loadTenThousandths: maybe(.random(in: 0...10_000, using: &dice), &dice)))
        }
        for _ in 0..<Int.random(in: 0...3, using: &dice) {
            report.requests.append(
                RequestCounters(
                    id: id(&dice), p99Microseconds: maybe(count(&dice), &dice) ?? nil,
                    requests: maybe(word(&dice), &dice), errors: maybe(word(&dice), &dice)))
        }
        for _ in 0..<Int.random(in: 0...2, using: &dice) {
            report.custom.append(
                CustomFigure(
                    service: maybe(id(&dice), &dice), metric: .random(in: 0...255, using: &dice),
                    kind: [.gauge, .counter, .ratio].randomElement(using: &dice) ?? .gauge,
                    value: word(&dice)))
        }
        return report
    }
}

extension Table {
    /// Changes counters mostly, and now and then all else.
    mutating func change(using dice: inout Dice) {
        func chance(_ share: Double, _ dice: inout Dice) -> Bool {
            Double.random(in: 0..<1, using: &dice) < share
        }
        if services.isEmpty || chance(0.05, &dice) {
            let mark = UInt32.random(in: 1...9, using: &dice)
            services.append(
                Service(
                    key: Bool.random(using: &dice)
                        ? .firewallMark(mark, .v4)
                        : .address(.v6(high: 1, low: UInt64(mark)), port: 53, .udp),
                    scheduler: Bool.random(using: &dice) ? .known(.sed) : .unknown("ours"),
                    fallsBack: Bool.random(using: &dice), destinations: []))
        }
        if services.count > 3 || chance(0.02, &dice) { services.removeFirst() }
        for index in services.indices {
            if chance(0.1, &dice) {
                services[index].destinations.append(
                    Destination(
                        key: DestinationKey(
                            address: .v4(.random(in: 1...99, using: &dice)), port: 80),
                        weight: 1))
            }
            if chance(0.05, &dice), !services[index].destinations.isEmpty {
                services[index].destinations.removeFirst()
            }
            for place in services[index].destinations.indices where chance(0.5, &dice) {
                let old = services[index].destinations[place]
                services[index].destinations[place] = Destination(
                    key: old.key, weight: .random(in: 0...65_535, using: &dice),
                    activeConnections: .random(in: 0...1_000, using: &dice),
                    inactiveConnections: old.inactiveConnections,
                    persistentConnections: .random(in: 0...3, using: &dice),
                    scheduledConnections: .random(in: 0...UInt64.max, using: &dice))
            }
        }
    }
}
