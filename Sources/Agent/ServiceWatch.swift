// One service of the configuration, and what is known of it.

internal import Daemon
internal import Protocol

/// The sources of one service, joined to its part of a report.
struct ServiceWatch {
    /// A source beside the port.
    private struct Source {
        let readings: Readings
        /// The figures that are its own to tell, and where each stands in the readings.
        let figures: [(field: Field, index: Int)]
        /// Whether each of them has to be there; applications send what they like.
        let isWhole: Bool
        let place: String
        var trouble: Trouble
        var takenAt: Int64?

        func fault(_ standing: Readings.Standing) -> String? {
            guard standing != .absent else { return readings.fault }
            guard isWhole else { return nil }
            let lacking = figures.filter { readings.value($0.index) == nil }.map(\.field.word)
            return lacking.isEmpty ? nil : "\(place) tells no \(lacking.joined(separator: ", "))"
        }
    }

    let name: String
    private let id: ServiceID
    private var listen: ListenSource?
    private let queueIsTold: Bool
    private var sources: [Source]
    private var requestTotal = CounterTotal()
    private var errorTotal = CounterTotal()
    private var listenTrouble: Trouble

    /// `readings` gives for a source where its figures are, by the order of its fields.
    init(
        _ service: Configuration.Service,
        readings: (Configuration.Source) -> (readings: Readings, places: [Int], name: String)
    ) {
        name = service.name
        id = service.id
        listen = service.port.map { port in
            ListenSource(
                port: port, address: service.address,
                countsEstablished: !service.isTold(.inFlight))
        }
        queueIsTold = service.isTold(.queue)
        listenTrouble = Trouble("[service \(service.name)] port")
        sources = service.sources.map { source in
            let found = readings(source)
            return Source(
                readings: found.readings, figures: Array(zip(source.fields, found.places)),
                isWhole: source.kind.isWhole, place: found.name,
                trouble: Trouble("[service \(service.name)] \(source.kind.setting.key)"))
        }
    }

    /// What can fail here.
    var troubles: [Trouble] { [listenTrouble] + sources.map(\.trouble) }

    var isWell: Bool {
        listenTrouble.isWell && sources.allSatisfy { $0.trouble.isWell }
    }

    /// The service's part of a report.
    ///
    /// Readings from before `freshAfter` were reported already. `newest` is when the newest sample
    /// of the report was taken, and is brought forward.
    mutating func look(
        at now: Int64, freshAfter: Int64, sockets: SocketQuestions, newest: inout Int64?, log: Log
    ) -> (ServiceLoad, RequestCounters?) {
        var part = ServiceLoad(id: id, state: .up)
        lookAtPort(at: now, sockets, &part, &newest, log)
        // Without a port the sources are all there is to know the service by.
        var isKnown = listen != nil || sources.isEmpty
        var counters = RequestCounters(id: id)
        var stated: HostState?
        for index in sources.indices {
            let standing = sources[index].readings.standing(freshAfter: freshAfter)
            let fault = sources[index].fault(standing)
            sources[index].trouble.take(
                fault ?? sources[index].readings.complaint, at: now, log: log)
            if standing == .absent, fault != nil || sources[index].readings.readAt == nil {
                if part.reason == .none { part.reason = .agentFault }
            } else {
                isKnown = true
            }
            guard standing != .absent, let readAt = sources[index].readings.readAt else { continue }
            newest = max(newest ?? readAt, readAt)
            take(index, standing, &part, &counters, &stated)
        }
        if !isKnown { part.state = .unknown }
        if let stated, HostState.worse(part.state, stated) != part.state {
            part.state = stated
            part.reason = .localCheck
        }
        let isEmpty =
            counters.requests == nil && counters.errors == nil && counters.p99Microseconds == nil
        return (part, isEmpty ? nil : counters)
    }

    /// Puts the figures of one source where they belong.
    private mutating func take(
        _ source: Int, _ standing: Readings.Standing, _ part: inout ServiceLoad,
        _ counters: inout RequestCounters, _ stated: inout HostState?
    ) {
        let readings = sources[source].readings
        let isUncounted = sources[source].takenAt != readings.readAt
        sources[source].takenAt = readings.readAt
        for (field, place) in sources[source].figures {
            let value = readings.value(place)
            switch field {
            // A counter that did not move would look like an idle service: it is left out.
            case .requests:
                if isUncounted { requestTotal.take(value) }
                if standing == .new { counters.requests = requestTotal.modulo }
            case .errors:
                if isUncounted { errorTotal.take(value) }
                if standing == .new { counters.errors = errorTotal.modulo }
            case .inFlight: part.inFlight = value.map { UInt64(clampedFrom: $0) }
            case .queue: part.queue = value.map { UInt64(clampedFrom: $0) }
            case .load:
                part.loadTenThousandths = value.map {
                    UInt16(clamping: UInt64(clampedFrom: $0 * 10_000))
                }
            case .p99: counters.p99Microseconds = value.map { UInt64(clampedFrom: $0) }
            case .state: stated = readings.state
            }
        }
    }

    private mutating func lookAtPort(
        at now: Int64, _ sockets: SocketQuestions, _ part: inout ServiceLoad,
        _ newest: inout Int64?, _ log: Log
    ) {
        guard listen != nil else { return }
        do throws(SystemError) {
            guard let sample = try sockets.sample(&listen) else { return }
            newest = now
            if !queueIsTold { part.queue = sample.queue }
            part.inFlight = sample.established
            if !sample.isListening {
                part.state = .down
                part.reason = .notListening
            }
            listenTrouble.take(nil, at: now, log: log)
        } catch {
            part.state = .unknown
            part.reason = .agentFault
            listenTrouble.take(error.description, at: now, log: log)
        }
    }
}

extension UInt64 {
    /// The whole number nearest below, within bounds.
    init(clampedFrom value: Double) {
        self = value >= 1e18 ? 1_000_000_000_000_000_000 : value > 0 ? UInt64(value) : 0
    }
}
