// Reports on their way to the master, ticks, and what is recorded.

extension World {
    mutating func report(_ server: Int) {
        let reporting = scenario.reporting
        plan(.report(server: Int32(server)), at: now + reporting.intervalSeconds)
        guard !servers[server].isDown, now < reporting.endsAt else { return }
        servers[server].advance(to: now)
        let error = max(0, 1 + reporting.noise * reportDice.normal())
        let message = agents[server].report(
            of: server, servers[server].counters, cores: servers[server].cores,
            inFlight: servers[server].requestCount, error: error, isBlind: reporting.isBlind,
            at: now)
        guard let message, reportDice.uniform() >= reporting.loss else { return }
        let delay = reporting.delaySeconds * (0.5 + reportDice.uniform())
        plan(.heard(message: messages.insert(message)), at: now + delay)
    }

    mutating func hear(_ place: Int32) {
        let message = messages[place]
        messages.remove(place)
        // What was overtaken, or is of a process that ended, is refused on the way in.
        guard message.boot == agents[message.server].boot,
            message.sentAt > newestHeard[message.server]
        else { return }
        newestHeard[message.server] = message.sentAt
        policy.hear(message, at: now)
    }

    mutating func tick() {
        plan(.tick, at: now + policy.interval)
        let truth = servers.map {
            Truth(cores: $0.cores, speed: $0.speed, failingShare: $0.failingShare)
        }
        policy.decide(on: &director, truth: truth, at: now)
    }

    mutating func sample() {
        plan(.sample, at: now + 1)
        let held = director.destinations.map { $0.isAbsent ? 0 : Double($0.weight) }
        let sum = max(held.reduce(0, +), 1)
        let second = Int(now.rounded()) - 1
        ledger.recording.sample(
            second: second, weightShares: held.map { $0 / sum },
            loads: servers.map { Double($0.requestCount) / Double($0.cores) },
            edits: director.takeEditCount())
    }
}
