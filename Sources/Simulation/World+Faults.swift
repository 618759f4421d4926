// What goes wrong with servers, as it happens.

/// What a server suffers from besides its load.
struct Condition: Sendable {
    /// What a neighbour or a quota leaves of its speed.
    var neighbour = 1.0
    var isPaused = false
    /// Since when it warms up, and for how long.
    var warmup: (since: Double, seconds: Double)?

    /// A cold server's speed, as a share of a warm one's.
    private static let coldSpeed = 0.2

    func speed(at now: Double) -> Double {
        guard !isPaused else { return 0 }
        guard let warmup, now < warmup.since + warmup.seconds else { return neighbour }
        let warmth = (now - warmup.since) / warmup.seconds
        return neighbour * (Self.coldSpeed + (1 - Self.coldSpeed) * warmth)
    }
}

extension Fault {
    /// How long a ramp takes in each direction, and in how many steps.
    static let rampSeconds = 20.0
    static let rampSteps = 40
    /// So that a check sees it.
    static let leastRestartSeconds = 2.0
}

extension World {
    /// How long it takes until a check takes a fallen server out of the table.
    private static let checkSeconds = 1.0
    private static let warmupStepSeconds = 0.5

    /// Puts a fault on the calendar.
    mutating func plan(_ index: Int) {
        let fault = scenario.faults[index]
        let (start, end) = (fault.during.lowerBound, fault.during.upperBound)
        for server in fault.servers {
            let server = Int32(server)
            switch fault.kind {
            case .slow(let least):
                plan(.speed(server: server, neighbour: least), at: start)
                plan(.speed(server: server, neighbour: 1), at: end)
            case .ramp(let least):
                for step in 0...Fault.rampSteps {
                    let part = Double(step) / Double(Fault.rampSteps)
                    let seconds = part * Fault.rampSeconds
                    let speed = 1 - (1 - least) * part
                    plan(.speed(server: server, neighbour: speed), at: start + seconds)
                    plan(.speed(server: server, neighbour: speed), at: end - seconds)
                }
            case .fail(let share):
                plan(.failing(server: server, share: share), at: start)
                plan(.failing(server: server, share: 0), at: end)
            case .restart(let warmup):
                plan(.fall(server: server), at: start)
                plan(.missed(server: server), at: start + Self.checkSeconds)
                plan(.rise(server: server, warmupSeconds: warmup), at: end)
            case .pauses(let every, _):
                plan(
                    .pause(server: server, fault: Int32(index), begins: true),
                    at: start + reportDice.exponential(mean: every))
            }
        }
    }

    mutating func change(_ kind: Happening.Kind) {
        switch kind {
        case .speed(let server, let neighbour):
            conditions[Int(server)].neighbour = neighbour
            refreshSpeed(Int(server))
        case .failing(let server, let share):
            change(Int(server)) { $0.failingShare = share }
        case .pause(let server, let fault, let begins):
            pause(server, fault, begins: begins)
        case .fall(let server):
            lose(Int(server))
        case .missed(let server):
            director.remove(Int(server))
        case .rise(let server, let warmup):
            rise(Int(server), warmup)
        case .warmer(let server):
            refreshSpeed(Int(server))
            guard let warmup = conditions[Int(server)].warmup,
                now < warmup.since + warmup.seconds
            else { return }
            plan(.warmer(server: server), at: now + Self.warmupStepSeconds)
        case .request, .report, .heard, .tick, .sample, .phase: break
        }
    }

    private mutating func refreshSpeed(_ server: Int) {
        let speed = conditions[server].speed(at: now)
        change(server) { $0.run(at: speed) }
    }

    private mutating func pause(_ server: Int32, _ fault: Int32, begins: Bool) {
        let index = Int(fault)
        guard case .pauses(let every, let length) = scenario.faults[index].kind else { return }
        // One that has begun is ended; none begins after the end.
        guard !begins || now < scenario.faults[index].during.upperBound else { return }
        conditions[Int(server)].isPaused = begins
        refreshSpeed(Int(server))
        let seconds =
            begins
            ? length * (0.5 + reportDice.uniform()) : reportDice.exponential(mean: every)
        plan(.pause(server: server, fault: fault, begins: !begins), at: now + seconds)
    }

    private mutating func rise(_ server: Int, _ warmupSeconds: Double) {
        conditions[server].warmup = (now, warmupSeconds)
        change(server) { $0.rise() }
        refreshSpeed(server)
        plan(.warmer(server: Int32(server)), at: now + Self.warmupStepSeconds)
        agents[server].boot += 1
        let weight = policy.weightOfReturning(server, director, at: now)
        director.add(server, weight: max(1, weight))
    }
}
