// What an agent says of its server: one self-contained statement, the newest of which holds.

/// One report (PROTOCOL.md §4).
///
/// Loads are counters since some beginning, modulo 2³², on the agent's own clock: the master
/// differences two reports of one boot over any window it likes. `nil` is "not available".
package struct Report: Equatable, Sendable {
    /// How many services one report can hold, and as many ``RequestCounters``.
    package static let serviceLimit = 40
    /// How many figures of the site's own one report can hold.
    package static let customLimit = 40
    /// What the next report may be promised for.
    package static let allowedIntervalMilliseconds: ClosedRange<UInt16> = 50...10_000

    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let acknowledgementRequested = Flags(rawValue: 1)
        /// The agent says goodbye.
        package static let final = Flags(rawValue: 2)
        package static let sampleStale = Flags(rawValue: 4)
        package static let probeReply = Flags(rawValue: 8)
        /// The host's figures are those of a control group, not of the machine.
        package static let cgroupScope = Flags(rawValue: 16)

        static let known = Flags(rawValue: 31)
    }

    package var state: HostState
    package var reason: StateReason
    package var flags: Flags
    /// The directive the agent follows; 0 for none.
    package var directiveVersion: UInt8
    /// The next report comes within this time.
    package var intervalMilliseconds: UInt16
    /// The age of the newest sample when the report was made.
    package var sampleAgeMilliseconds: UInt16
    /// The agent's monotonic clock, modulo 2³².
    package var clockTenthsOfMillisecond: UInt32
    package var host: HostLoad?
    package var services: [ServiceLoad]
    package var pressure: Pressure?
    package var requests: [RequestCounters]
    package var info: AgentInfo?
    package var probeEcho: ProbeEcho?
    package var custom: [CustomFigure]

    /// Says nothing: what a report is decoded into.
    package static let empty = Report(
        state: .unknown, intervalMilliseconds: allowedIntervalMilliseconds.lowerBound,
        clockTenthsOfMillisecond: 0)

    package init(
        state: HostState, reason: StateReason = .none, flags: Flags = [],
        directiveVersion: UInt8 = 0, intervalMilliseconds: UInt16,
        sampleAgeMilliseconds: UInt16 = 0, clockTenthsOfMillisecond: UInt32,
        host: HostLoad? = nil, services: [ServiceLoad] = [], pressure: Pressure? = nil,
        requests: [RequestCounters] = [], info: AgentInfo? = nil, probeEcho: ProbeEcho? = nil,
        custom: [CustomFigure] = []
    ) {
        self.state = state
        self.reason = reason
        self.flags = flags
        self.directiveVersion = directiveVersion
        self.intervalMilliseconds = intervalMilliseconds
        self.sampleAgeMilliseconds = sampleAgeMilliseconds
        self.clockTenthsOfMillisecond = clockTenthsOfMillisecond
        self.host = host
        self.services = services
        self.pressure = pressure
        self.requests = requests
        self.info = info
        self.probeEcho = probeEcho
        self.custom = custom
    }

    /// Whether the loads are too old to use: the agent says so, or they missed five reports.
    package var isSampleStale: Bool {
        flags.contains(.sampleStale)
            || UInt32(sampleAgeMilliseconds) > 5 * UInt32(intervalMilliseconds)
    }
}

/// The load of the server as a whole.
package struct HostLoad: Equatable, Sendable {
    /// Core time spent on anything but idling, cumulative.
    package var cpuBusyTenthsOfMillisecond: UInt32?
    /// The integral of runnable tasks over time, cumulative.
    package var runnableTenthsOfMillisecond: UInt32?
    /// Cores to run on after the control group's quota; never 0.
    package var coresHundredths: UInt16?
    /// The part of memory that is available, 0 to 10 000.
    package var memoryAvailableTenThousandths: UInt16?

    package init(
        cpuBusyTenthsOfMillisecond: UInt32? = nil, runnableTenthsOfMillisecond: UInt32? = nil,
        coresHundredths: UInt16? = nil, memoryAvailableTenThousandths: UInt16? = nil
    ) {
        self.cpuBusyTenthsOfMillisecond = cpuBusyTenthsOfMillisecond
        self.runnableTenthsOfMillisecond = runnableTenthsOfMillisecond
        self.coresHundredths = coresHundredths
        self.memoryAvailableTenThousandths = memoryAvailableTenThousandths
    }
}

/// The state and the load of one service on the server.
package struct ServiceLoad: Equatable, Sendable {
    package var id: ServiceID
    /// Narrows the host's state: the worse of the two holds.
    package var state: HostState
    package var reason: StateReason
    /// Requests or connections being served now.
    package var inFlight: UInt64?
    /// Connections waiting in the accept queue now.
    package var queue: UInt64?
    /// The application's own utilisation, 0 to 10 000.
    package var loadTenThousandths: UInt16?

    package init(
        id: ServiceID, state: HostState, reason: StateReason = .none, inFlight: UInt64? = nil,
        queue: UInt64? = nil, loadTenThousandths: UInt16? = nil
    ) {
        self.id = id
        self.state = state
        self.reason = reason
        self.inFlight = inFlight
        self.queue = queue
        self.loadTenThousandths = loadTenThousandths
    }
}

/// Time that tasks stood still for want of a resource, cumulative (the kernel's PSI).
package struct Pressure: Equatable, Sendable {
    package var cpuSomeTenthsOfMillisecond: UInt32?
    package var memoryFullTenthsOfMillisecond: UInt32?
    package var ioFullTenthsOfMillisecond: UInt32?

    package init(
        cpuSomeTenthsOfMillisecond: UInt32? = nil, memoryFullTenthsOfMillisecond: UInt32? = nil,
        ioFullTenthsOfMillisecond: UInt32? = nil
    ) {
        self.cpuSomeTenthsOfMillisecond = cpuSomeTenthsOfMillisecond
        self.memoryFullTenthsOfMillisecond = memoryFullTenthsOfMillisecond
        self.ioFullTenthsOfMillisecond = ioFullTenthsOfMillisecond
    }
}

/// What one service did for its clients.
package struct RequestCounters: Equatable, Sendable {
    package var id: ServiceID
    package var p99Microseconds: UInt64?
    /// Requests answered, cumulative.
    package var requests: UInt32?
    /// Those of them that failed, cumulative.
    package var errors: UInt32?

    package init(
        id: ServiceID, p99Microseconds: UInt64? = nil, requests: UInt32? = nil,
        errors: UInt32? = nil
    ) {
        self.id = id
        self.p99Microseconds = p99Microseconds
        self.requests = requests
        self.errors = errors
    }
}

/// Which agent this is, sent on start and every 30 s.
package struct AgentInfo: Equatable, Sendable {
    package var agentVersion: UInt32?
    package var uptimeSeconds: UInt32?

    package init(agentVersion: UInt32?, uptimeSeconds: UInt32?) {
        self.agentVersion = agentVersion
        self.uptimeSeconds = uptimeSeconds
    }
}

/// The answer to a probe: its nonce, and how long the agent kept it.
package struct ProbeEcho: Equatable, Sendable {
    package var nonce: UInt32
    package var holdMicroseconds: UInt64?

    package init(nonce: UInt32, holdMicroseconds: UInt64?) {
        self.nonce = nonce
        self.holdMicroseconds = holdMicroseconds
    }
}

/// One figure that only the site knows the meaning of.
package struct CustomFigure: Equatable, Sendable {
    package enum Kind: UInt8, Sendable {
        case gauge = 0
        /// Cumulative, modulo 2³².
        case counter = 1
        /// In 0.0001.
        case ratio = 2
    }

    /// `nil` for the host.
    package var service: ServiceID?
    package var metric: UInt8
    package var kind: Kind
    package var value: UInt32

    package init(service: ServiceID?, metric: UInt8, kind: Kind, value: UInt32) {
        self.service = service
        self.metric = metric
        self.kind = kind
        self.value = value
    }
}
