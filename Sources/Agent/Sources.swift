// All sources of the configuration together: from one look at each comes one report.

internal import Daemon
internal import Protocol

/// Looks at the host and the services, by the feeds that tell of them.
final class Sources {
    /// Tokens of the poller from here up belong to sources.
    static let firstToken = Feeds.firstToken

    private enum Host {
        case kernel(HostSource)
        case group(GroupSource)
        case standIn(StandInHost)
        case failed
    }

    private let intervalMilliseconds: Int
    private let interval: Int64
    private let log: Log
    private let startedAt: Int64
    private var host: Host
    private var hostTrouble = Trouble("[host]")
    private var services: [ServiceWatch]
    private let sockets = SocketQuestions()
    private let feeds: Feeds
    private var newestSample: Int64?
    private var reportedAt: Int64?
    private var infoDueAt: Int64

    init(_ configuration: Configuration, startedAt: Int64, log: Log) {
        intervalMilliseconds = configuration.intervalMilliseconds
        let interval = Int64(configuration.intervalMilliseconds) * 1_000_000
        self.interval = interval
        self.startedAt = startedAt
        self.log = log
        infoDueAt = startedAt

        // A fetch may take five intervals, less what lets the next one begin on the beat; a report
        // waits for it a fifth of one, and looks for the answer early in that time.
        let patience = StatusPage.Patience(
            timeout: interval / 10 * 49, prompt: interval / 5, look: min(interval / 100, 5_000_000))
        // Less a quarter, for beats are not that even.
        let pause = Int64(configuration.pageIntervalMilliseconds) * 1_000_000 - interval / 4
        let feeds = Feeds(patience: patience, pagePause: max(0, pause))
        if let standIn = configuration.host.standIn {
            let page = feeds.page(.metrics(standIn.url))
            // A report without the host's load says little.
            page.pause = 0
            host = .standIn(StandInHost(standIn, page: page))
        } else if let folder = configuration.host.controlGroup {
            host = .group(GroupSource(folder: folder))
        } else {
            do throws(SystemError) {
                host = .kernel(try HostSource())
            } catch {
                host = .failed
                hostTrouble.take(error.description, at: startedAt, log: log)
            }
        }
        services = configuration.services.map { ServiceWatch($0, readings: feeds.readings) }
        self.feeds = feeds
    }

    /// Begins a look at everything.
    func begin(at now: Int64, poller: borrowing Poller) { feeds.begin(at: now, poller: poller) }

    /// Goes on with what the poller reported.
    func advance(token: UInt64, at now: Int64, poller: borrowing Poller) {
        feeds.advance(token: token, at: now, poller: poller)
    }

    /// Looks at what should be there now, and gives up on what took too long.
    func expire(at now: Int64, poller: borrowing Poller) { feeds.expire(at: now, poller: poller) }

    /// Whether a page is under way that is worth a short wait.
    var isWorthWaiting: Bool { feeds.isWorthWaiting }

    var isFetching: Bool { feeds.isFetching }

    /// When to call ``expire(at:poller:)`` at the latest.
    var deadline: Int64? { feeds.deadline }

    /// How long a report waits for pages, in nanoseconds.
    var prompt: Int64 { interval / 5 }

    /// Whether everything works now.
    var isWell: Bool {
        hostTrouble.isWell && services.allSatisfy { $0.isWell }
    }

    /// What does not work now, for the status line.
    var faults: [String] {
        ([hostTrouble] + services.flatMap(\.troubles)).compactMap(\.told)
    }

    var serviceNames: [String] { services.map(\.name) }
}

extension Sources {
    /// The report of this moment.
    func report(at now: Int64) -> Report {
        var report = Report(
            state: .up, intervalMilliseconds: UInt16(clamping: intervalMilliseconds),
            clockTenthsOfMillisecond: Self.tenths(now))
        // A reading that came after the last report is new; older ones were in it.
        let freshAfter = reportedAt ?? startedAt - 1
        reportedAt = now
        feeds.collect(at: now)
        var newest: Int64?
        if let takenAt = lookAtHost(at: now, freshAfter: freshAfter, &report) {
            newest = takenAt
            report.clockTenthsOfMillisecond = Self.tenths(takenAt)
        }
        for index in services.indices {
            let (load, counters) = services[index].look(
                at: now, freshAfter: freshAfter, sockets: sockets, newest: &newest, log: log)
            report.services.append(load)
            if let counters { report.requests.append(counters) }
        }
        if newest == nil { report.flags.insert(.sampleStale) }
        newestSample = newest ?? newestSample
        report.sampleAgeMilliseconds = Self.age(of: newestSample ?? startedAt, at: now)
        if now >= infoDueAt {
            infoDueAt = now + 30_000_000_000
            report.info = AgentInfo(
                agentVersion: Poise.versionNumber,
                uptimeSeconds: UInt32(clamping: (now - startedAt) / 1_000_000_000))
        }
        return report
    }

    /// The last word of an agent that stops: no loads, so it needs no look at anything.
    func goodbye(_ reason: StateReason, at now: Int64) -> Report {
        Report(
            state: .leaving, reason: reason,
            flags: [.final, .acknowledgementRequested, .sampleStale],
            intervalMilliseconds: UInt16(clamping: intervalMilliseconds),
            sampleAgeMilliseconds: Self.age(of: newestSample ?? startedAt, at: now),
            clockTenthsOfMillisecond: Self.tenths(now))
    }

    /// Fills in the host's part; the instant of its sample, `nil` when there is none.
    private func lookAtHost(at now: Int64, freshAfter: Int64, _ report: inout Report) -> Int64? {
        var takenAt: Int64?
        var fault: String?
        switch host {
        case .kernel(var source):
            // Taken out and put back, so that the source is not copied for a change.
            host = .failed
            if let sample = source.sample(at: now) {
                report.host = sample.load
                report.pressure = sample.pressure
                if sample.isControlGroup { report.flags.insert(.cgroupScope) }
                takenAt = now
            } else {
                fault = "/proc/stat does not tell how busy the cores are"
            }
            host = .kernel(source)
        case .group(var source):
            host = .failed
            if let sample = source.sample(at: now) {
                report.host = sample.load
                report.pressure = sample.pressure
                report.flags.insert(.cgroupScope)
                takenAt = now
            }
            fault = source.fault
            host = .group(source)
        case .standIn(var source):
            host = .failed
            if let sample = source.sample(freshAfter: freshAfter) {
                report.host = sample.load
                takenAt = sample.takenAt
            }
            fault = source.fault
            host = .standIn(source)
        case .failed:
            fault = hostTrouble.current ?? "the kernel's figures cannot be opened"
        }
        hostTrouble.take(fault, at: now, log: log)
        if fault != nil {
            report.state = .unknown
            report.reason = .agentFault
        }
        return takenAt
    }

    private static func tenths(_ nanoseconds: Int64) -> UInt32 {
        UInt32(truncatingIfNeeded: nanoseconds / 100_000)
    }

    private static func age(of sample: Int64, at now: Int64) -> UInt16 {
        UInt16(clamping: max(0, now - sample) / 1_000_000)
    }
}
