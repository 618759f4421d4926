// A simulated server: requests in it, how fast it works, and what it counts.

/// A server of several cores, at one moment.
struct Server: Sendable {
    let cores: Int
    private let discipline: Scenario.Discipline

    /// A process that ended answers nobody.
    private(set) var isDown = false
    /// The share of requests that it answers at once with an error.
    var failingShare = 0.0
    /// What it does of what it could, when whole.
    private(set) var speed = 1.0

    private var running: DueHeap<Job>
    /// Only where requests wait for a core.
    private var waiting = Fifo<Job>()
    private(set) var requestCount = 0
    /// Work done for each running request, seconds; grows with time.
    private var progress = 0.0
    private var seenAt = 0.0
    private(set) var counters = Counters()

    struct Job: Due, Sendable {
        /// In a running one, the progress of the server at which it is done; in a waiting one, its
        /// work.
        var at: Double
        let startedAt: Double
        let connection: Int32
        let fails: Bool
    }

    /// What an agent on it reads, in seconds and requests since the start.
    struct Counters: Sendable {
        /// Of all cores together, as a share of them.
        var busy = 0.0
        /// Busy time as it looks where a lost speed is not seen.
        var visiblyBusy = 0.0
        var pressure = 0.0
        /// Requests in the server, over time.
        var runnable = 0.0
        var requests = 0
        var errors = 0
    }

    /// Requests for each core above which a server takes no more.
    private static let requestLimit = 100

    init(cores: Int, discipline: Scenario.Discipline) {
        self.cores = cores
        self.discipline = discipline
        running = DueHeap(capacity: Self.requestLimit)
    }

    var isFull: Bool { requestCount >= Self.requestLimit * cores }

    /// How fast each running request gets on.
    private var pace: Double {
        guard !isDown else { return 0 }
        switch discipline {
        case .sharing where requestCount > cores:
            return speed * Double(cores) / Double(requestCount)
        case .sharing, .queue: return speed
        }
    }

    /// When its next request is done, if nothing else happens.
    var finishesAt: Double {
        let pace = pace
        guard requestCount > 0, pace > 0 else { return .infinity }
        return seenAt + max(0, running.firstAt - progress) / pace
    }

    /// Lets time pass.
    mutating func advance(to now: Double) {
        let seconds = now - seenAt
        seenAt = now
        guard seconds > 0 else { return }
        let busy = Double(min(requestCount, cores)) / Double(cores) * seconds
        counters.busy += busy
        counters.visiblyBusy += busy * speed
        if requestCount > cores { counters.pressure += seconds }
        counters.runnable += Double(requestCount) * seconds
        progress += pace * seconds
    }

    /// Begins a request of so much work; time has passed to now.
    mutating func begin(work: Double, at now: Double, connection: Int32, fails: Bool) {
        requestCount += 1
        var job = Job(at: work, startedAt: now, connection: connection, fails: fails)
        if discipline == .queue, requestCount > cores {
            waiting.append(job)
        } else {
            job.at += progress
            running.insert(job)
        }
    }

    /// Ends the request that is done; time has passed to now.
    mutating func finish() -> Job? {
        guard let job = running.popFirst() else { return nil }
        requestCount -= 1
        counters.requests += 1
        if job.fails { counters.errors += 1 }
        if var next = waiting.popFirst() {
            next.at += progress
            running.insert(next)
        }
        return job
    }

    /// Works at another speed from now on; time has passed to now.
    mutating func run(at speed: Double) { self.speed = speed }

    /// Ends, and loses the requests in it; time has passed to now.
    mutating func fall() -> [Job] {
        isDown = true
        requestCount = 0
        return running.removeAll() + waiting.removeAll()
    }

    mutating func rise() { isDown = false }
}
