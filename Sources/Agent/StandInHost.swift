// Metrics that stand in for the kernel's figures of the host.

internal import Daemon
internal import Protocol

/// Reads the host's load from a metrics page.
struct StandInHost {
    private let page: StatusPage
    private let cpuBusy, runnable, cores: Int
    private let memoryAvailable: Int?
    // The metrics count seconds, the protocol 0.1 ms.
    private var busyTotal = CounterTotal(scale: 10_000)
    private var runnableTotal = CounterTotal(scale: 10_000)
    private var takenAt: Int64?

    init(_ standIn: Configuration.StandIn, page: StatusPage) {
        self.page = page
        cpuBusy = page.add(standIn.cpuBusy)
        runnable = page.add(standIn.runnable)
        cores = page.add(standIn.cores)
        memoryAvailable = standIn.memoryAvailable.map(page.add)
    }

    /// What is wrong with the page now; `nil` means well.
    private(set) var fault: String?

    /// The load and when it was read; `nil` when the page gave nothing new after `freshAfter`.
    mutating func sample(freshAfter: Int64) -> (load: HostLoad, takenAt: Int64)? {
        guard let readAt = page.readings.readAt, readAt > freshAfter else {
            fault = page.readings.fault
            return nil
        }
        let readings = page.readings.values
        if takenAt != readAt {
            takenAt = readAt
            busyTotal.take(readings[cpuBusy])
            runnableTotal.take(readings[runnable])
        }
        guard let cores = readings[cores], readings[cpuBusy] != nil, readings[runnable] != nil
        else {
            fault = "the page at \(page.question.text) lacks a metric that is named here"
            return nil
        }
        fault = nil
        let load = HostLoad(
            cpuBusyTenthsOfMillisecond: busyTotal.modulo,
            runnableTenthsOfMillisecond: runnableTotal.modulo,
            coresHundredths: Self.hundredths(cores: cores),
            memoryAvailableTenThousandths: memoryAvailable.flatMap { readings[$0] }.map {
                UInt16(clamping: UInt64(clampedFrom: $0 * 10_000))
            })
        return (load, readAt)
    }

    /// Cores as reports carry them; `nil` for what is nearer to none than to 0.01.
    static func hundredths(cores: Double) -> UInt16? {
        guard cores >= 0.005 else { return nil }
        return UInt16(clamping: UInt64(clampedFrom: cores * 100 + 0.5))
    }
}
