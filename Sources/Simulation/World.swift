// The simulation itself: what happens next, until the end.

/// One run of one scenario under one policy.
struct World {
    let scenario: Scenario
    private(set) var now = 0.0
    var calendar = DueHeap<Happening>(capacity: 4_096)
    private var nextArrival = 0.0

    // The servers, and when each finishes its next request.
    var servers: [Server]
    var conditions: [Condition]
    private var deadlines: Deadlines
    var director: Director

    // The clients.
    private var arrivals: ArrivalProcess
    private let work: WorkProcess
    private var connections = Pool<Connection>(capacity: 4_096)

    // The reports.
    var agents: [Agent]
    var messages = Pool<Message>(capacity: 64)
    var newestHeard: [Double]
    var policy: any WeightPolicy

    private var arrivalDice: Dice
    private var sizeDice: Dice
    var reportDice: Dice
    private var connectionDice: Dice
    private var pickDice: Dice

    var ledger: Ledger

    init(
        _ scenario: Scenario, scheduler: SimulatedScheduler, weights: [Int],
        policy: any WeightPolicy, seed: UInt64
    ) {
        self.scenario = scenario
        servers = scenario.cores.map { Server(cores: $0, discipline: scenario.discipline) }
        conditions = servers.map { _ in Condition() }
        deadlines = Deadlines(count: scenario.servers)
        director = Director(scheduler: scheduler, weights: weights)
        arrivals = ArrivalProcess(scenario)
        work = WorkProcess(scenario)
        agents = servers.map { _ in Agent() }
        newestHeard = servers.map { _ in -.infinity }
        self.policy = policy
        arrivalDice = Dice(seed: seed, for: .arrivals)
        sizeDice = Dice(seed: seed, for: .sizes)
        reportDice = Dice(seed: seed, for: .reports)
        connectionDice = Dice(seed: seed, for: .connections)
        pickDice = Dice(seed: seed, for: .picks)
        ledger = Ledger(scenario)
        begin()
    }

    private mutating func begin() {
        nextArrival = arrivals.gap(&arrivalDice)
        planPhase()
        for server in servers.indices {
            plan(
                .report(server: Int32(server)),
                at: reportDice.uniform() * scenario.reporting.intervalSeconds)
        }
        if policy.interval.isFinite { plan(.tick, at: policy.interval) }
        plan(.sample, at: 1)
        for index in scenario.faults.indices { plan(index) }
    }

    mutating func plan(_ kind: Happening.Kind, at time: Double) {
        calendar.insert(Happening(at: time, kind: kind))
    }

    private mutating func planPhase() {
        guard let seconds = arrivals.phaseSeconds(&arrivalDice) else { return }
        plan(.phase, at: now + seconds)
    }

    /// Runs to the end.
    mutating func run() {
        while true {
            let planned = calendar.firstAt
            let finish = deadlines.firstAt
            let next = min(nextArrival, planned, finish)
            guard next <= scenario.length else { return }
            now = next
            if next == nextArrival {
                arrive()
            } else if next == finish {
                complete(deadlines.first)
            } else if let happening = calendar.popFirst() {
                happen(happening.kind)
            }
        }
    }

    private mutating func happen(_ kind: Happening.Kind) {
        switch kind {
        case .request(let connection): request(connection)
        case .report(let server): report(Int(server))
        case .heard(let message): hear(message)
        case .tick: tick()
        case .sample: sample()
        case .phase:
            arrivals.changePhase()
            planPhase()
        case .speed, .failing, .pause, .fall, .missed, .rise, .warmer: change(kind)
        }
    }

    // MARK: Requests

    private mutating func arrive() {
        let connection = connections.insert(Connection(scenario.connections, &connectionDice))
        if open(connection) { request(connection) }
        nextArrival = now + arrivals.gap(&arrivalDice)
    }

    /// Gives a connection a server; lets it go when there is none.
    private mutating func open(_ connection: Int32) -> Bool {
        let picked =
            director.scheduler == .jsq ? shortest() : director.pick(&pickDice, at: now)
        guard let picked else {
            ledger.lost(startedAt: now)
            connections.remove(connection)
            return false
        }
        director.open(picked)
        connections[connection].server = Int32(picked)
        connections[connection].stay = director.destinations[picked].stay
        return true
    }

    /// Where a request would get on best, as only the simulation can tell.
    private mutating func shortest() -> Int? {
        // From a random one on, so that equals share.
        let start = pickDice.index(below: servers.count)
        var best: (server: Int, burden: Double)?
        for step in servers.indices {
            let server = (start + step) % servers.count
            guard director.destinations[server].takesConnections else { continue }
            let able = Double(servers[server].cores) * max(servers[server].speed, 1e-3)
            let burden = Double(servers[server].requestCount + 1) / able
            if best.map({ burden < $0.burden }) ?? true { best = (server, burden) }
        }
        return best?.server
    }

    private mutating func request(_ connection: Int32) {
        let known = connections[connection]
        if director.destinations[Int(known.server)].stay != known.stay {
            // Its server left the table: the client connects again.
            guard open(connection) else { return }
        }
        let server = Int(connections[connection].server)
        servers[server].advance(to: now)
        ledger.recording.arrive(server: server, at: now)
        guard !servers[server].isDown, !servers[server].isFull else {
            ledger.lost(startedAt: now)
            close(connection)
            return
        }
        var seconds = work.seconds(&sizeDice)
        let failing = servers[server].failingShare
        let fails = failing > 0 && sizeDice.uniform() < failing
        if fails { seconds = work.meanSeconds * Self.failureWork }
        servers[server].begin(work: seconds, at: now, connection: connection, fails: fails)
        deadlines.set(server, to: servers[server].finishesAt)
    }

    /// The work of an error, as a share of a request's mean.
    private static let failureWork = 0.05

    private mutating func complete(_ server: Int) {
        servers[server].advance(to: now)
        guard let job = servers[server].finish() else { return }
        deadlines.set(server, to: servers[server].finishesAt)
        ledger.answered(startedAt: job.startedAt, at: now, fails: job.fails)
        connections[job.connection].left -= 1
        if connections[job.connection].left > 0 {
            let pause = connectionDice.exponential(mean: connections[job.connection].thinkSeconds)
            plan(.request(connection: job.connection), at: now + pause)
        } else {
            close(job.connection)
        }
    }

    private mutating func close(_ connection: Int32) {
        let known = connections[connection]
        director.close(Int(known.server), stay: known.stay, at: now)
        connections.remove(connection)
    }

    // MARK: Servers

    /// Changes a server, after time has passed in it up to now.
    mutating func change(_ server: Int, _ change: (inout Server) -> Void) {
        servers[server].advance(to: now)
        change(&servers[server])
        deadlines.set(server, to: servers[server].finishesAt)
    }

    /// A server falls with all that is in it.
    mutating func lose(_ server: Int) {
        servers[server].advance(to: now)
        for job in servers[server].fall() {
            ledger.lost(startedAt: job.startedAt)
            connections.remove(job.connection)
        }
        deadlines.set(server, to: .infinity)
    }
}
