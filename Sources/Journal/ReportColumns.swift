// A report as numbers in columns, those that change most at the front.

internal import Protocol
internal import Weighting

/// What one report says, as numbers that are compared with those of the report before.
///
/// What is only between agent and master is left out: flags about answers, the directive, echoes.
struct ReportColumns {
    /// Indexed by ``Column``.
    var fixed = [UInt32](repeating: 0, count: Column.count)
    /// What most servers have none of: further services, their counters, figures of the site's own.
    var more: [UInt32] = []

    /// The bit of a column in a record's mask is its number; the first seven take one byte.
    enum Column {
        static let clock = 0
        static let cpuBusy = 1
        static let runnable = 2
        static let cpuPressure = 3
        static let requests = 4
        static let memoryAvailable = 5
        static let inFlight = 6
        static let p99 = 7
        static let errors = 8
        static let queue = 9
        static let load = 10
        static let sampleAge = 11
        static let memoryPressure = 12
        static let ioPressure = 13
        /// Which of the parts and 32-bit numbers are there; the rest have a number for "none".
        static let presence = 14
        static let state = 15
        static let reason = 16
        static let flags = 17
        static let interval = 18
        static let boot = 19
        static let isDuplicate = 20
        static let cores = 21
        static let service = 22
        static let serviceState = 23
        static let serviceReason = 24
        static let requestsService = 25
        static let agentVersion = 26
        static let uptime = 27
        static let count = 28
    }

    struct Presence: OptionSet {
        let rawValue: UInt32

        static let host = Presence(rawValue: 1 << 0)
        static let cpuBusy = Presence(rawValue: 1 << 1)
        static let runnable = Presence(rawValue: 1 << 2)
        static let pressure = Presence(rawValue: 1 << 3)
        static let cpuPressure = Presence(rawValue: 1 << 4)
        static let memoryPressure = Presence(rawValue: 1 << 5)
        static let ioPressure = Presence(rawValue: 1 << 6)
        static let service = Presence(rawValue: 1 << 7)
        static let counters = Presence(rawValue: 1 << 8)
        static let requests = Presence(rawValue: 1 << 9)
        static let errors = Presence(rawValue: 1 << 10)
        static let info = Presence(rawValue: 1 << 11)
        static let agentVersion = Presence(rawValue: 1 << 12)
        static let uptime = Presence(rawValue: 1 << 13)
    }

    /// Of 16-bit numbers that may be absent.
    static let none: UInt32 = 0x1_0000
    private static let flagsKept: Report.Flags = [.final, .sampleStale, .cgroupScope]

    /// Takes the place of what was here before; allocates only for more services than ever before.
    mutating func take(_ report: borrowing Report, _ heard: Event.Heard) {
        var presence: Presence = []
        func part(_ value: UInt32?, _ bit: Presence) -> UInt32 {
            guard let value else { return 0 }
            presence.insert(bit)
            return value
        }
        fixed[Column.clock] = report.clockTenthsOfMillisecond
        fixed[Column.sampleAge] = UInt32(report.sampleAgeMilliseconds)
        fixed[Column.state] = UInt32(report.state.rawValue)
        fixed[Column.reason] = UInt32(report.reason.rawValue)
        fixed[Column.flags] = UInt32(report.flags.intersection(Self.flagsKept).rawValue)
        fixed[Column.interval] = UInt32(report.intervalMilliseconds)
        fixed[Column.boot] = heard.boot
        fixed[Column.isDuplicate] = heard.isDuplicateIdentity ? 1 : 0

        let host = report.host
        if host != nil { presence.insert(.host) }
        fixed[Column.cpuBusy] = part(host?.cpuBusyTenthsOfMillisecond, .cpuBusy)
        fixed[Column.runnable] = part(host?.runnableTenthsOfMillisecond, .runnable)
        fixed[Column.cores] = Self.small(host?.coresHundredths)
        fixed[Column.memoryAvailable] = Self.small(host?.memoryAvailableTenThousandths)

        let pressure = report.pressure
        if pressure != nil { presence.insert(.pressure) }
        fixed[Column.cpuPressure] = part(pressure?.cpuSomeTenthsOfMillisecond, .cpuPressure)
        fixed[Column.memoryPressure] = part(
            pressure?.memoryFullTenthsOfMillisecond, .memoryPressure)
        fixed[Column.ioPressure] = part(pressure?.ioFullTenthsOfMillisecond, .ioPressure)

        let service = report.services.first
        if service != nil { presence.insert(.service) }
        fixed[Column.service] = UInt32(service?.id.rawValue ?? 0)
        fixed[Column.serviceState] = UInt32(service?.state.rawValue ?? 0)
        fixed[Column.serviceReason] = UInt32(service?.reason.rawValue ?? 0)
        fixed[Column.inFlight] = UInt32(MiniFloat16.encode(service?.inFlight))
        fixed[Column.queue] = UInt32(MiniFloat16.encode(service?.queue))
        fixed[Column.load] = Self.small(service?.loadTenThousandths)

        let counters = report.requests.first
        if counters != nil { presence.insert(.counters) }
        fixed[Column.requestsService] = UInt32(counters?.id.rawValue ?? 0)
        fixed[Column.requests] = part(counters?.requests, .requests)
        fixed[Column.errors] = part(counters?.errors, .errors)
        fixed[Column.p99] = UInt32(MiniFloat16.encode(counters?.p99Microseconds))

        let info = report.info
        if info != nil { presence.insert(.info) }
        fixed[Column.agentVersion] = part(info?.agentVersion, .agentVersion)
        fixed[Column.uptime] = part(info?.uptimeSeconds, .uptime)
        fixed[Column.presence] = presence.rawValue
        takeMore(report)
    }

    private mutating func takeMore(_ report: borrowing Report) {
        more.removeAll(keepingCapacity: true)
        guard report.services.count > 1 || report.requests.count > 1 || !report.custom.isEmpty
        else { return }
        let services = report.services.dropFirst()
        let requests = report.requests.dropFirst()
        more += [UInt32(clamping: services.count), UInt32(clamping: requests.count)]
        for one in services {
            more.append(
                UInt32(one.id.rawValue) << 16 | UInt32(one.state.rawValue) << 8
                    | UInt32(one.reason.rawValue))
            more.append(UInt32(MiniFloat16.encode(one.inFlight)))
            more.append(UInt32(MiniFloat16.encode(one.queue)))
            more.append(Self.small(one.loadTenThousandths))
        }
        for one in requests {
            let presence = (one.requests == nil ? 0 : 1) | (one.errors == nil ? 0 : 2)
            more.append(UInt32(one.id.rawValue) << 2 | UInt32(presence))
            more.append(one.requests ?? 0)
            more.append(one.errors ?? 0)
            more.append(UInt32(MiniFloat16.encode(one.p99Microseconds)))
        }
        for one in report.custom {
            more.append(
                UInt32(one.service?.rawValue ?? 0) << 16 | UInt32(one.metric) << 8
                    | UInt32(one.kind.rawValue))
            more.append(one.value)
        }
    }

    private static func small(_ value: UInt16?) -> UInt32 { value.map { UInt32($0) } ?? none }
}
