// Two reports as people and programs read them: shares and rates instead of counters.

internal import Protocol

/// What lies between two reports of one agent.
struct ReportSummary {
    let first: Report
    let second: Report
    let serviceNames: [String]
    let faults: [String]

    /// A number with four decimals, kept whole so that it prints the same everywhere.
    struct Decimal: Equatable {
        let tenThousandths: UInt64

        var text: String {
            let fraction = String(tenThousandths % 10_000)
            let zeros = String(repeating: "0", count: 4 - fraction.count)
            return "\(tenThousandths / 10_000).\(zeros)\(fraction)"
        }
    }

    /// The time between the reports, in 0.1 ms.
    private var elapsed: UInt64 {
        UInt64(second.clockTenthsOfMillisecond &- first.clockTenthsOfMillisecond)
    }

    /// A counter's rise per unit of the clock, both in 0.1 ms, or per second when `perSecond`.
    private func rate(_ old: UInt32?, _ new: UInt32?, perSecond: Bool = false) -> Decimal? {
        guard let old, let new, elapsed > 0 else { return nil }
        // 10⁴ units of the clock are a second, and 10⁴ parts make the decimals.
        let scale: UInt64 = perSecond ? 100_000_000 : 10_000
        return Decimal(tenThousandths: UInt64(new &- old) * scale / elapsed)
    }

    var cpuBusy: Decimal? {
        rate(first.host?.cpuBusyTenthsOfMillisecond, second.host?.cpuBusyTenthsOfMillisecond)
    }
    var runnable: Decimal? {
        rate(first.host?.runnableTenthsOfMillisecond, second.host?.runnableTenthsOfMillisecond)
    }
    var cores: Decimal? {
        second.host?.coresHundredths.map { Decimal(tenThousandths: UInt64($0) * 100) }
    }
    var memoryAvailable: Decimal? {
        second.host?.memoryAvailableTenThousandths.map { Decimal(tenThousandths: UInt64($0)) }
    }
    var cpuStalled: Decimal? {
        rate(
            first.pressure?.cpuSomeTenthsOfMillisecond, second.pressure?.cpuSomeTenthsOfMillisecond)
    }
    var memoryStalled: Decimal? {
        rate(
            first.pressure?.memoryFullTenthsOfMillisecond,
            second.pressure?.memoryFullTenthsOfMillisecond)
    }
    var ioStalled: Decimal? {
        rate(first.pressure?.ioFullTenthsOfMillisecond, second.pressure?.ioFullTenthsOfMillisecond)
    }

    struct Service {
        let name: String
        let load: ServiceLoad
        let requests: Decimal?
        let errors: Decimal?
        let p99Milliseconds: Decimal?
    }

    var services: [Service] {
        zip(serviceNames, second.services).map { name, load in
            let old = first.requests.first { $0.id == load.id }
            let new = second.requests.first { $0.id == load.id }
            return Service(
                name: name, load: load,
                requests: rate(old?.requests, new?.requests, perSecond: true),
                errors: rate(old?.errors, new?.errors, perSecond: true),
                p99Milliseconds: new?.p99Microseconds.map {
                    Decimal(tenThousandths: min($0, 1_000_000_000_000) * 10)
                })
        }
    }
}

extension ReportSummary {
    /// For people.
    var text: String {
        func shown(_ value: Decimal?) -> String { value?.text ?? "-" }
        func shown(_ value: UInt64?) -> String { value.map { "\($0)" } ?? "-" }
        var text = "state \(second.state.name)"
        if second.reason != .none { text += " (\(second.reason.name))" }
        text += ", sample \(second.sampleAgeMilliseconds) ms old\n"
        text += """
            host      cpu busy \(shown(cpuBusy)) of \(shown(cores)) cores, \
            runnable \(shown(runnable)), memory available \(shown(memoryAvailable))
            stalled   cpu \(shown(cpuStalled)), memory \(shown(memoryStalled)), \
            io \(shown(ioStalled))\n
            """
        for service in services {
            text += "service   \(service.name): \(service.load.state.name)"
            if service.load.reason != .none { text += " (\(service.load.reason.name))" }
            text += """
                , in flight \(shown(service.load.inFlight)), queue \(shown(service.load.queue)), \
                requests/s \(shown(service.requests)), errors/s \(shown(service.errors)), \
                load \(shown(service.load.loadTenThousandths.map { Decimal(tenThousandths: UInt64($0)) })), \
                p99 ms \(shown(service.p99Milliseconds))\n
                """
        }
        for fault in faults { text += "failing   \(fault)\n" }
        return text
    }

    /// For programs: one object on one line, always with the same keys.
    var json: String {
        var json = JSONText()
        json.object {
            $0.field("format", UInt64(1))
            $0.field("state", second.state.name)
            $0.field("reason", second.reason.name)
            $0.field("interval_ms", UInt64(second.intervalMilliseconds))
            $0.field("sample_age_ms", UInt64(second.sampleAgeMilliseconds))
            $0.field("sample_stale", second.flags.contains(.sampleStale))
            $0.field("control_group", second.flags.contains(.cgroupScope))
            $0.object("host") {
                $0.field("cpu_busy_cores", cpuBusy)
                $0.field("runnable_tasks", runnable)
                $0.field("cores", cores)
                $0.field("memory_available", memoryAvailable)
            }
            $0.object("stalled") {
                $0.field("cpu_some", cpuStalled)
                $0.field("memory_full", memoryStalled)
                $0.field("io_full", ioStalled)
            }
            $0.array("services", services) { json, service in
                json.object {
                    $0.field("name", service.name)
                    $0.field("id", UInt64(service.load.id.rawValue))
                    $0.field("state", service.load.state.name)
                    $0.field("reason", service.load.reason.name)
                    $0.field("in_flight", service.load.inFlight)
                    $0.field("queue", service.load.queue)
                    $0.field(
                        "load",
                        service.load.loadTenThousandths.map { Decimal(tenThousandths: UInt64($0)) })
                    $0.field("requests_per_second", service.requests)
                    $0.field("errors_per_second", service.errors)
                    $0.field("p99_ms", service.p99Milliseconds)
                }
            }
            $0.array("failing", faults) { $0.string($1) }
        }
        return json.text + "\n"
    }
}
