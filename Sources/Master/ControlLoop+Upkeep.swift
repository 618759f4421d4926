// Services as they are declared: made, kept and removed before their weights are decided on.

internal import IPVS
internal import Logging
internal import Weighting

extension ControlLoop {
    /// The services to read at a tick.
    var keysToRead: [ServiceKey] {
        upkeep?.keys ?? balancer.cluster.services.map(\.key)
    }

    /// The table that weights are to be decided on, after it was brought to what is declared.
    mutating func readAndTend(at now: Instant) throws(IPVSError) -> Table {
        let keys = keysToRead
        let places = turns.places(of: keys, every: configuration.cluster.policy.interval)
        let due = places.count == keys.count ? keys : places.map { keys[$0] }
        let found = try table.read(due)
        meter.take(found.services, at: now)
        meter.keep(only: keys)
        let read = turns.take(found, at: places)
        return tend(read, due, at: now)
    }

    /// Services that follow load, or were just written, are read again at the next tick.
    mutating func noteRestless(_ decision: Decision, _ outcomes: [StepOutcome]) {
        if upkeep != nil {
            availability = balancer.availability(after: decision, before: availability)
        }
        turns.restless = upkeep?.restless ?? []
        turns.restless.formUnion(availability.sorry)
        turns.restless.formUnion(availability.removed.lazy.map(\.service))
        turns.restless.formUnion(outcomes.lazy.map(\.step.service))
        for (declared, service) in zip(balancer.cluster.services, decision.services)
        where service.hold == nil {
            turns.restless.insert(declared.key)
        }
    }

    /// Brings the table, of which `fresh` was just read, to what is declared.
    private mutating func tend(_ read: Table, _ fresh: [ServiceKey], at now: Instant) -> Table {
        guard upkeep != nil else { return read }
        if isFirstLook {
            availability = balancer.availability(left: read)
            isFirstLook = false
        }
        availability.drained = balancer.drainedByOrder
        var written = upkeep?.holdings
        guard let pass = upkeep?.pass(on: read, fresh: fresh, at: now, availability)
        else { return read }
        if let expected = upkeep?.holdings.expecting(pass.plan), expected != written, !isDryRun {
            holdingsFile.write(expected)
            holdingsFile.finish()
            written = expected
        }
        let outcomes = isDryRun ? [] : table.apply(pass.plan)
        let left = upkeep?.finish(outcomes.filter(\.isTaken).map(\.step), on: read) ?? read
        narrator.tell(pass, outcomes, isHeld: upkeep?.isRemovalHeld == true, balancer.cluster)
        if let holdings = upkeep?.holdings, holdings != written, !isDryRun {
            holdingsFile.write(holdings)
        }
        return left
    }

    /// Takes what is declared from now on.
    ///
    /// Removals of many services at once wait, unless a person confirmed this very change; nothing
    /// leaves that as it is.
    mutating func adoptDeclaration(of next: Configuration, isRemovalConfirmed: Bool?) {
        upkeep = Self.upkeep(
            upkeep, next, holdingsFile, logger, isDryRun: isDryRun,
            isRemovalConfirmed: isRemovalConfirmed ?? upkeep?.isRemovalConfirmed ?? false)
        (settledAt, hasSettled) = (nil, false)
    }

    /// `known` goes on with what it knows; a first one reads what its predecessor wrote.
    static func upkeep(
        _ known: Upkeep?, _ configuration: Configuration, _ file: HoldingsFile, _ logger: Logger,
        isDryRun: Bool, isRemovalConfirmed: Bool = false
    ) -> Upkeep? {
        guard let declaration = configuration.declaration else { return nil }
        let ipvs = configuration.ipvs
        if var known {
            let before = known.holdings
            known.adopt(
                declaration, rule: ipvs.drift, leaveSeconds: ipvs.leaveSeconds,
                isRemovalConfirmed: isRemovalConfirmed)
            if known.holdings != before, !isDryRun { file.write(known.holdings) }
            return known
        }
        var holdings = Holdings()
        do {
            let read = try file.read()
            holdings = read.holdings
            if read.damagedLines > 0 {
                logger.warning(
                    "\(read.damagedLines) lines of \(HoldingsFile.name) are damaged: what they said was ours will stay in the table when it is no longer declared"
                )
            }
        } catch {
            logger.error(
                "\(HoldingsFile.name) cannot be read, so what earlier masters made stays in the table when it is no longer declared: \(error)"
            )
        }
        let upkeep = Upkeep(
            declaration, rule: ipvs.drift, leaveSeconds: ipvs.leaveSeconds, holdings: holdings)
        if upkeep.holdings != holdings, !isDryRun { file.write(upkeep.holdings) }
        return upkeep
    }

    // What holds for the whole table

    /// How often timeouts and sync daemons are looked at.
    private static let settleSeconds = 10.0

    /// Sets timeouts and starts sync daemons where they are not as the configuration wants them.
    mutating func settle(at now: Instant) {
        let wanted = configuration.ipvs
        if let settledAt, now.seconds(since: settledAt) < Self.settleSeconds { return }
        settledAt = now
        guard !isDryRun else { return }
        // What somebody else changes later is drift.
        guard !hasSettled || wanted.drift == .reassert else { return }
        do throws(IPVSError) {
            try settleTimeouts(wanted.timeouts)
            try settleDaemons(wanted.sync)
            hasSettled = true
            narrator.ends(.settings)
        } catch {
            narrator.begins(.settings, error)
        }
    }

    private mutating func settleTimeouts(_ wanted: Timeouts) throws(IPVSError) {
        guard wanted != Timeouts() else { return }
        let held = try table.timeouts()
        guard held.with(wanted) != held else { return }
        try table.set(wanted)
        logger.notice("the timeouts of IPVS are set")
    }

    private mutating func settleDaemons(_ wanted: [SyncDaemon]) throws(IPVSError) {
        guard !wanted.isEmpty || !startedDaemons.isEmpty else { return }
        let running = try table.daemons()
        // Only what this process started is ever stopped for good.
        for daemon in startedDaemons where !wanted.contains(where: { $0.role == daemon.role }) {
            if running.contains(where: { $0.role == daemon.role }) { try table.stop(daemon) }
            startedDaemons.removeAll { $0.role == daemon.role }
            logger.notice("the sync daemon (\(daemon.role)) is stopped")
        }
        for daemon in wanted where !running.contains(where: daemon.isMet) {
            for other in running where other.role == daemon.role { try table.stop(other) }
            try table.start(daemon)
            startedDaemons.removeAll { $0.role == daemon.role }
            startedDaemons.append(daemon)
            logger.notice("the sync daemon (\(daemon.role)) is started on \(daemon.interface)")
        }
    }
}
