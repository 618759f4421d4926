// The agent on a simulated server: it differences nothing, it tells what it counted.

/// What one report says, before it is put into the protocol's form.
struct Message: Sendable {
    let server: Int
    let cores: Int
    /// Changes when the server restarts.
    let boot: UInt32
    let sentAt: Double

    // Counters since the start.
    /// Core time.
    let busySeconds: Double
    let pressureSeconds: Double
    let runnableSeconds: Double
    let requests: Int
    let errors: Int

    /// Requests in the server now.
    let inFlight: Int

    // For the comparison policies, which look at the last interval alone.
    let utilisation: Double
    let requestsPerSecond: Double
    /// Of the requests, those that failed.
    let errorShare: Double
}

struct Agent: Sendable {
    private var before = Server.Counters()
    private var sentAt = 0.0
    private var toldBusySeconds = 0.0
    var boot: UInt32 = 1

    /// Reads the counters; nothing when no time passed.
    ///
    /// `error` is the factor that this interval's CPU time is told with.
    mutating func report(
        of server: Int, _ counters: Server.Counters, cores: Int, inFlight: Int, error: Double,
        isBlind: Bool, at now: Double
    ) -> Message? {
        let seconds = now - sentAt
        guard seconds > 0 else { return nil }
        let busy =
            (isBlind
                ? counters.visiblyBusy - before.visiblyBusy : counters.busy - before.busy) * error
        let requests = counters.requests - before.requests
        let errors = counters.errors - before.errors
        toldBusySeconds += busy * Double(cores)
        (before, sentAt) = (counters, now)
        return Message(
            server: server, cores: cores, boot: boot, sentAt: now, busySeconds: toldBusySeconds,
            pressureSeconds: counters.pressure, runnableSeconds: counters.runnable,
            requests: counters.requests, errors: counters.errors, inFlight: inFlight,
            utilisation: min(1, busy / seconds), requestsPerSecond: Double(requests) / seconds,
            errorShare: requests > 0 ? Double(errors) / Double(requests) : 0)
    }
}
