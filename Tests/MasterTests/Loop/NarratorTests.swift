// The log says what changes, once.

import IPVS
import Logging
import Synchronization
import Testing

@testable import Master
@testable import Weighting

/// Keeps the lines that were logged.
private final class Lines: Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }
    func add(_ line: String) { kept.withLock { $0.append(line) } }
    func take() -> [String] {
        kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
    }
}

private struct KeepingHandler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level): \(event.message)") }
}

private let key = ServiceKey.address(.v4(0x0A00_0064), port: 80, .tcp)

private func destination(_ index: Int) -> DestinationKey {
    DestinationKey(address: .v4(UInt32(index)), port: 80)
}

private func cluster(_ count: Int) -> Cluster {
    Cluster(
        servers: (0..<count).map { Cluster.Server(name: "r\($0)") },
        services: [
            Cluster.Service(
                name: "web", key: key,
                members: (0..<count).map {
                    Cluster.Member(server: $0, destination: destination($0))
                })
        ])
}

private func decision(
    _ reasons: [Verdict.Reason], hold: Hold? = nil, kernel: Int = 5, weight: Int = 7
) -> Decision {
    let verdicts = reasons.enumerated().map { index, reason in
        Verdict(
            server: index, destination: destination(index), kernel: kernel,
            weight: Weight(clamping: weight), reason: reason)
    }
    let steps = verdicts.filter { $0.reason == .follows }.map {
        Plan.Step.setWeight(
            service: key, destination: $0.destination, from: kernel, to: Weight(clamping: weight))
    }
    return Decision(
        at: Instant(nanoseconds: 0),
        services: [
            Decision.Service(scheduler: .known(.sed), hold: hold, verdicts: verdicts)
        ], plan: Plan(steps: steps), violations: [])
}

private func narrator(_ lines: Lines, isDryRun: Bool = false) -> Narrator {
    Narrator(
        logger: Logger(label: "test", factory: { _ in KeepingHandler(lines: lines) }),
        isDryRun: isDryRun)
}

@Test func `a state that lasts is told once, and its end is told`() {
    let lines = Lines()
    var narrator = narrator(lines)
    for _ in 0..<3 {
        narrator.tell(
            decision([.holds(.stale)], hold: .fewerThanHalfFresh), [], in: cluster(1))
    }
    #expect(lines.take() == ["notice: weights hold: \(Hold.fewerThanHalfFresh.text)"])
    for _ in 0..<3 {
        narrator.tell(decision([.withinDeadband]), [], in: cluster(1))
    }
    #expect(lines.take() == ["notice: weights follow load"])
}

@Test func `a report that is late now and then makes no line`() {
    let lines = Lines()
    var narrator = narrator(lines)
    narrator.tell(decision([.holds(.late), .withinDeadband]), [], in: cluster(2))
    #expect(lines.all.isEmpty)
}

@Test func `weights of one service make one line, however many they are`() {
    let lines = Lines()
    var narrator = narrator(lines)
    narrator.tell(decision([.follows, .withinDeadband, .follows]), [], in: cluster(3))
    #expect(lines.take() == ["info: weights: r0 5→7, r2 5→7"])
    narrator.tell(decision(Array(repeating: .follows, count: 20)), [], in: cluster(20))
    #expect(lines.take().first?.hasSuffix("r15 5→7 and 4 more") == true)
}

@Test func `a dry run says what it would do`() {
    let lines = Lines()
    var narrator = narrator(lines, isDryRun: true)
    narrator.tell(decision([.follows]), [], in: cluster(1))
    #expect(lines.all == ["info: would write weights: r0 5→7"])
}

@Test func `a write that failed is told with its reason`() {
    let lines = Lines()
    var narrator = narrator(lines)
    let made = decision([.follows])
    narrator.tell(
        made, [StepOutcome(step: made.plan.steps[0], result: .changedMeanwhile(found: 9))],
        in: cluster(1))
    #expect(lines.all.count == 2)
    #expect(lines.all.last?.contains("set the weight to 9") == true)
}

@Test func `trouble that lasts is told once, and its end`() {
    let lines = Lines()
    var narrator = narrator(lines)
    for _ in 0..<3 { narrator.trouble("the table cannot be read: no") }
    for _ in 0..<3 { narrator.tableIsReadable() }
    #expect(
        lines.all == ["error: the table cannot be read: no", "notice: the table can be read again"])
}
