// Another configuration under a master that goes on: all of it, or nothing.

internal import Daemon
internal import Logging
internal import Protocol
internal import Weighting

extension ControlLoop {
    /// Takes files that were read; whatever is wrong with them, the old configuration goes on.
    mutating func reload(_ loaded: Configuration.Loaded, at now: Instant) {
        ServiceManager.reloading(monotonicNanoseconds: MonotonicClock.now())
        reloadRefused = adopt(loaded, at: now)
        made = nil
        giveBackMemory()
        ServiceManager.ready(status: reloadRefused ?? "reloaded")
    }

    /// Takes what was read, or says why the old configuration stays in force.
    private mutating func adopt(_ loaded: Configuration.Loaded, at now: Instant) -> String? {
        logger.reportProblems(loaded.problems)
        guard let next = loaded.configuration else {
            let text =
                "the files were refused at the last reload; the old configuration is in force"
            logger.error("\(text)")
            journal.happens(Happening(.reloadRefused, detail: text))
            return text
        }
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
        journal.adopted(cluster, after: before, at: now)
        journal.adopt(next.journal, at: now)
        servers = next.serverOfAgent
        agents = next.agentOfServer
        standings = Standings(next.cluster)
        adoptDeclaration(of: next)
        configuration = next
        warnOfWatchdog()
        logger.notice(
            "the configuration was read again",
            metadata: [
                "services": "\(next.cluster.services.count)",
                "agents": "\(next.roster.names.count)",
            ])
        return nil
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
