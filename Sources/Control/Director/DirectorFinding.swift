// What `poise doctor` may find on a director, each declared once: how bad it is, what it leads to, and
// what to do. docs/operating.md has the same table, and a test compares.

/// The closed list; programs read the words.
enum DirectorFinding: String, Encodable, CaseIterable {
    // The master.
    case masterUnreachable = "master_unreachable"
    case masterTrouble = "master_trouble"
    case reloadRefused = "reload_refused"
    case serviceHolds = "service_holds"
    case agentUnheard = "agent_unheard"
    case agentSilent = "agent_silent"
    case duplicateIdentity = "duplicate_identity"
    // The table as a whole.
    case kernelUnreadable = "kernel_unreadable"
    case kubeProxy = "kube_proxy"
    case serviceAbsent = "service_absent"
    case serviceUndeclared = "service_undeclared"
    case destinationUndeclared = "destination_undeclared"
    // A service.
    case noServer = "no_server"
    case weightsIgnored = "weights_ignored"
    case weightsAreBounds = "weights_are_bounds"
    case weightsArePriorities = "weights_are_priorities"
    case schedulerUnknown = "scheduler_unknown"
    case sourceHashOverfull = "sh_overfull"
    case maglevOverfull = "mh_overfull"
    case maglevLevels = "mh_levels"
    case hashDrops = "hash_drops"
    case longWalk = "wrr_long_walk"
    case portNotMapped = "port_not_mapped"
    case mixedFamilies = "mixed_families"
    case overThreshold = "over_threshold"
    case thresholdsTight = "thresholds_tight"
    case persistenceOutlivesDrain = "persistence_outlives_drain"
    case persistenceSlowsWeights = "persistence_slows_weights"
    // The kernel's settings.
    case noForwarding = "no_forwarding"
    case reuseKeepsServers = "reuse_keeps_servers"
    case reuseBypasses = "reuse_bypasses"
    case removedIsSilent = "removed_is_silent"
    case sloppy
    case conntrack
    case defence
    // Sync daemons.
    case syncBlocks = "sync_blocks"
    case syncAlone = "sync_alone"
    case syncDiffers = "sync_differs"
    case syncInterface = "sync_interface"
    case syncMixedFamilies = "sync_mixed_families"
    case syncLoops = "sync_loops"
    case syncPorts = "sync_ports"

    enum Level: String, Encodable, Comparable, CaseIterable {
        /// Clients are not served, or nobody decides.
        case error
        /// Weights, drains or a failover do not do what they seem to.
        case warning
        /// Good to know.
        case note

        static func < (left: Level, right: Level) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// Each of the two texts is whole sentences.
    struct Advice: Equatable {
        let level: Level
        let means: String
        let now: String

        init(_ level: Level, _ means: String, _ now: String) {
            self.level = level
            self.means = means
            self.now = now
        }
    }
}
