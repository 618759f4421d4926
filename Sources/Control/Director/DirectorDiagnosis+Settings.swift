// The settings of IPVS that decide whether weights, drains and failovers act, and the sync daemons.

internal import IPVS
internal import Weighting

extension DirectorDiagnosis {
    mutating func judgeSettings(_ facts: DirectorFacts) {
        guard let table = facts.kernel?.table, !facts.hasKubeProxy else { return }
        let forwards = Forwards(table)
        func setting(_ name: String) -> Int? { facts.settings["net.ipv4.vs.\(name)"] }
        func seen(_ name: String) -> String { "net.ipv4.vs.\(name) is \(setting(name) ?? 0)" }

        for (isUsed, name) in [
            (forwards.masquerades(.v4), "net.ipv4.ip_forward"),
            (forwards.masquerades(.v6), "net.ipv6.conf.all.forwarding"),
        ] where isUsed && facts.settings[name] == 0 {
            add(.noForwarding, "\(name) is 0")
        }
        if setting("conn_reuse_mode") == 0 { add(.reuseKeepsServers, seen("conn_reuse_mode")) }
        if setting("conn_reuse_mode") == 1, forwards.isNativeSomewhere {
            add(.reuseBypasses, seen("conn_reuse_mode"))
        }
        if setting("expire_nodest_conn") == 0 { add(.removedIsSilent, seen("expire_nodest_conn")) }
        let persistent = table.services.filter { $0.setup?.persistence != nil }
        if let first = persistent.first {
            let others = persistent.count > 1 ? " and \(persistent.count - 1) more" : ""
            let who = "\(facts.name(of: first.key))\(others)"
            if setting("expire_quiescent_template") == 0 {
                add(.persistenceOutlivesDrain, seen("expire_quiescent_template"), of: who)
            }
            add(.persistenceSlowsWeights, "clients stay with their servers", of: who)
        }
        if setting("sloppy_tcp") == 1 { add(.sloppy, seen("sloppy_tcp")) }
        if setting("conntrack") == 1 { add(.conntrack, seen("conntrack")) }
        for name in ["drop_entry", "drop_packet"] where setting(name) == 3 {
            add(.defence, seen(name))
        }
    }

    mutating func judgeSync(_ facts: DirectorFacts) {
        guard let kernel = facts.kernel, let first = kernel.daemons.first else { return }
        let master = kernel.daemons.first { $0.role == .master }
        let backup = kernel.daemons.first { $0.role == .backup }
        let forwards = Forwards(kernel.table)
        let isBackupOnly = facts.settings["net.ipv4.vs.backup_only"] == 1
        if let master, let backup {
            if isBackupOnly {
                add(.syncBlocks, "net.ipv4.vs.backup_only is 1, and both daemons run")
            }
            judgePair(master, backup)
        } else {
            add(.syncAlone, "only the \(first.role) runs")
            if backup != nil, !isBackupOnly, forwards.isNativeSomewhere {
                add(.syncLoops, "net.ipv4.vs.backup_only is 0, and only the backup runs")
            }
        }
        for daemon in kernel.daemons where facts.missingInterfaces.contains(daemon.interface) {
            add(.syncInterface, "the \(daemon.role)'s \(daemon.interface) is not there")
        }
        if forwards.isMixedSomewhere { add(.syncMixedFamilies, "a sync daemon runs") }
        if let ports = facts.settings["net.ipv4.vs.sync_ports"], ports > 1 {
            add(.syncPorts, "net.ipv4.vs.sync_ports is \(ports)")
        }
    }

    private mutating func judgePair(_ master: SyncDaemon, _ backup: SyncDaemon) {
        var parts: [String] = []
        // A backup with id 0 hears everybody.
        if backup.id != 0, backup.id != master.id { parts.append("ids \(master.id), \(backup.id)") }
        if master.group != backup.group { parts.append("groups") }
        if master.port != backup.port { parts.append("ports") }
        if !parts.isEmpty {
            add(.syncDiffers, "master and backup differ: \(parts.joined(separator: ", "))")
        }
    }
}

/// How the servers of a whole table are reached.
private struct Forwards {
    private var masqueraded: Set<AddressFamily> = []
    private(set) var isNativeSomewhere = false
    private(set) var isMixedSomewhere = false

    init(_ table: Table) {
        for service in table.services {
            for (place, destination) in service.destinations.enumerated() {
                var family = AddressFamily.v4
                if case .v6 = destination.key.address { family = .v6 }
                if family != service.key.addressFamily { isMixedSomewhere = true }
                switch service.setup(ofDestination: place)?.forwarding {
                case .masquerading: masqueraded.insert(family)
                case .direct, .tunnel: isNativeSomewhere = true
                case .other, nil: break
                }
            }
        }
    }

    func masquerades(_ family: AddressFamily) -> Bool { masqueraded.contains(family) }
}
