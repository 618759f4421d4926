// Another configuration under a master that goes on: all of it, or nothing.

internal import Checks
internal import Daemon
internal import Logging
internal import Protocol
internal import Weighting

extension ControlLoop {
    /// Takes files that were read; whatever is wrong with them, the old configuration goes on.
    ///
    /// `confirmed` are the hashes of changes that are meant, though they take out much.
    @discardableResult
    mutating func reload(
        _ loaded: Configuration.Loaded, confirmed: Set<String> = [], at now: Instant
    ) -> AdminAPI.Reload {
        ServiceManager.reloading(monotonicNanoseconds: MonotonicClock.now())
        let (became, isConfirmed) = judge(loaded, confirmed)
        if let text = became.refused {
            logger.error("\(text)")
            journal.happens(Happening(.reloadRefused, detail: text))
        } else if let next = loaded.configuration {
            adopt(next, isConfirmed: isConfirmed, at: now)
        }
        reloadRefused = became.refused
        made = nil
        giveBackMemory()
        ServiceManager.ready(status: reloadRefused ?? "reloaded")
        return became
    }

    /// Whether the files are taken, or why the old configuration stays in force; and whether a
    /// person's word was needed, which goes on to count for what still leaves.
    private func judge(
        _ loaded: Configuration.Loaded, _ confirmed: Set<String>
    ) -> (AdminAPI.Reload, isConfirmed: Bool?) {
        logger.reportProblems(loaded.problems)
        guard let next = loaded.configuration else {
            let text =
                "the files were refused at the last reload; the old configuration is in force"
            return (AdminAPI.Reload(refused: text), nil)
        }
        let change = ConfigurationChange(from: declared, to: next)
        guard let danger = change.danger else { return (AdminAPI.Reload(refused: nil), nil) }
        guard !confirmed.contains(change.hash) else { return (AdminAPI.Reload(refused: nil), true) }
        let text =
            "the files \(danger); the old configuration is in force: see `poise plan`, and if it is "
            + "meant, poise apply --confirm \(change.hash)"
        return (AdminAPI.Reload(refused: text, hash: change.hash), nil)
    }

    private mutating func adopt(_ next: Configuration, isConfirmed: Bool?, at now: Instant) {
        declared = next
        orders.adopt(next.timezone)
        force(
            next.amended(by: orders.amendments), isRemovalConfirmed: isConfirmed,
            because: [Happening(.reloaded)], at: now)
        logger.notice(
            "the configuration was read again",
            metadata: [
                "services": "\(next.cluster.services.count)",
                "agents": "\(next.roster.names.count)",
            ])
    }

    /// Goes on with another configuration.
    mutating func force(
        _ next: Configuration, isRemovalConfirmed: Bool? = nil, because happenings: [Happening],
        at now: Instant
    ) {
        if case .tick(let tick) = newest, !balancer.cluster.hasPlaces(of: next.cluster) {
            // Most reloads are over before anybody looks; of twenty thousand members what there is to
            // show takes longer to make than the rest of this.
            newest = .before(maker(at: now), tick)
        }
        reception.adopt(next, at: Int64(now.nanoseconds))
        for change in fixed.changes(to: next.fixed) {
            logger.warning("a change of \(change) takes effect when the master is restarted")
        }
        let before = balancer.cluster
        clock = PolicyClock(next.calendar, at: unixSeconds())
        let cluster = clock.cluster(next.cluster)
        balancer.adopt(cluster)
        cast(next.shadow)
        checks?.adopt(next.checks)
        journal.adopted(cluster, after: before, at: now, because: happenings)
        journal.adopt(next.journal, at: now)
        servers = next.serverOfAgent
        agents = next.agentOfServer
        standings = Standings(next.cluster)
        adoptDeclaration(of: next, isRemovalConfirmed: isRemovalConfirmed)
        configuration = next
        warnOfWatchdog()
    }

    func warnOfWatchdog() {
        let remark = ServiceManager.remark(
            onSignsOfLifeEvery: configuration.cluster.policy.interval,
            watchdogNanoseconds: ServiceManager.watchdogNanoseconds())
        remark.map { logger.warning("\($0)") }
    }
}

extension Cluster {
    /// Whether every server and member is at the place it has in `other`, as when only keys or the
    /// policy change: what was decided of ten thousand then needs no copy.
    fileprivate func hasPlaces(of other: Cluster) -> Bool {
        servers == other.servers && services == other.services
    }
}
