// One service of the configuration, and what is known of it.

internal import Daemon
internal import Protocol

/// The sources of one service, joined to its part of a report.
struct ServiceWatch {
    /// A place in the readings of a page.
    private struct Reader {
        let page: MetricsPage
        let index: Int

        var value: Double? {
            page.readings.indices.contains(index) ? page.readings[index] : nil
        }
    }

    let name: String
    private let id: ServiceID
    private var listen: ListenSource?
    private let page: MetricsPage?
    private let requests, errors, inFlight, load: Reader?
    private var requestTotal = CounterTotal()
    private var errorTotal = CounterTotal()
    private var takenAt: Int64?
    private(set) var listenTrouble: Trouble
    private(set) var pageTrouble: Trouble

    init(_ service: Configuration.Service, page: MetricsPage?) {
        func reader(_ selector: MetricSelector?) -> Reader? {
            guard let page, let selector else { return nil }
            return Reader(page: page, index: page.add(selector))
        }
        name = service.name
        id = service.id
        self.page = page
        requests = reader(service.requests)
        errors = reader(service.errors)
        inFlight = reader(service.inFlight)
        load = reader(service.load)
        listen = service.port.map { port in
            ListenSource(
                port: port, address: service.address, countsEstablished: service.inFlight == nil)
        }
        listenTrouble = Trouble("[service \(service.name)] port")
        pageTrouble = Trouble("[service \(service.name)] prometheus")
    }

    /// The service's part of a report.
    ///
    /// Readings of a page from before `freshAfter` were reported already. `newest` is when the
    /// newest sample of the report was taken, and is brought forward.
    mutating func look(
        at now: Int64, freshAfter: Int64, sockets: SocketQuestions, newest: inout Int64?, log: Log
    ) -> (ServiceLoad, RequestCounters?) {
        var part = ServiceLoad(id: id, state: .up)
        lookAtPort(at: now, sockets, &part, &newest, log)
        guard let page else { return (part, nil) }

        guard let readAt = page.readAt, readAt > freshAfter else {
            let fault = page.fault
            pageTrouble.take(fault, at: now, log: log)
            if fault != nil {
                // Without a port the page is all there is to know the service by.
                if listen == nil { part.state = .unknown }
                if part.reason == .none { part.reason = .agentFault }
            }
            return (part, nil)
        }
        newest = max(newest ?? readAt, readAt)
        if takenAt != readAt {
            takenAt = readAt
            requestTotal.take(requests?.value)
            errorTotal.take(errors?.value)
        }
        let missing = [requests, errors, inFlight, load].contains { $0 != nil && $0?.value == nil }
        pageTrouble.take(
            missing ? "the page at \(page.url.text) lacks a metric that is named here" : nil,
            at: now, log: log)
        if let inFlight { part.inFlight = inFlight.value.map { UInt64(clampedFrom: $0) } }
        part.loadTenThousandths = load?.value.map {
            UInt16(clamping: UInt64(clampedFrom: $0 * 10_000))
        }
        guard requests != nil else { return (part, nil) }
        return (
            part,
            RequestCounters(id: id, requests: requestTotal.modulo, errors: errorTotal.modulo)
        )
    }

    private mutating func lookAtPort(
        at now: Int64, _ sockets: SocketQuestions, _ part: inout ServiceLoad,
        _ newest: inout Int64?, _ log: Log
    ) {
        guard listen != nil else { return }
        do throws(SystemError) {
            guard let sample = try sockets.sample(&listen) else { return }
            newest = now
            part.queue = sample.queue
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
