// The words of each finding on a director. See DirectorFinding.swift.

extension DirectorFinding {
    var advice: Advice {
        switch self {
        case .masterUnreachable:
            Advice(
                .error, "Nobody decides; the kernel goes on with the last weights.",
                "See `systemctl status poise-master`.")
        case .masterTrouble:
            Advice(
                .error, "The master cannot do its work.", "Do what the message says.")
        case .reloadRefused:
            Advice(
                .warning, "The old configuration is in force, and a restart would fail.",
                "`poise check` says why; then reload.")
        case .serviceHolds:
            Advice(
                .warning, "No weight of the service follows load.",
                "`poise ls -o wide` shows its members' reasons.")
        case .agentUnheard:
            Advice(
                .warning, "Its server keeps the weight that it has.",
                "`poise doctor NAME` says why.")
        case .agentSilent:
            Advice(
                .warning, "Its reports are stale, and its server keeps the weight that it has.",
                "`poise doctor NAME` says why.")
        case .duplicateIdentity:
            Advice(
                .warning, "Two processes report with its key, and its server's weight holds.",
                "Stop one, or give it a key of its own.")
        case .kernelUnreadable:
            Advice(
                .error, "The table was not looked at.",
                "Do what the message says; as root, poise may read it.")
        case .kubeProxy:
            Advice(
                .error, "kube-proxy owns this table and would undo every change.",
                "Run Poise on another director, or kube-proxy in another mode.")
        case .serviceAbsent:
            Advice(
                .error, "The kernel has no such service: its clients are refused.",
                "Have its owner make it, or set `ipvs.manage: services`.")
        case .serviceUndeclared:
            Advice(
                .note, "Poise leaves it alone.",
                "Nothing, if it is another program's; else declare it (`poise import --kernel`).")
        case .destinationUndeclared:
            Advice(
                .warning, "The service has a server that is not declared, so its weights hold.",
                "List it in the service's `servers`, or remove it with `ipvsadm -d`.")
        default: adviceOnServices
        }
    }

    private var adviceOnServices: Advice {
        switch self {
        case .noServer:
            Advice(
                .error, "No server takes new clients.",
                "`poise ls` says why each is out; `poise ready` brings one back.")
        case .weightsIgnored:
            Advice(
                .warning, "This scheduler looks only whether a weight is 0: load is not followed.",
                "`ipvsadm -E … -s sed`, or `scheduler: sed`.")
        case .weightsAreBounds:
            Advice(
                .warning, "This scheduler takes a weight for a number of connections.",
                "Leave its weights to people, or use sed.")
        case .weightsArePriorities:
            Advice(
                .warning,
                "This scheduler gives everything to the highest weight: a change moves all.",
                "Leave its weights to people, or use sed.")
        case .schedulerUnknown:
            Advice(
                .warning, "This release does not know what its weights mean, and leaves them.",
                "Use sed, wlc or wrr.")
        case .sourceHashOverfull:
            Advice(
                .error,
                "sh has 256 places, filled in the list's order: the last servers get no client.",
                "Let the weights sum to 256 or less, or use mh.")
        case .maglevOverfull:
            Advice(
                .error, "mh has 4093 places, as Debian builds it, and refuses more servers.",
                "Use another scheduler.")
        case .maglevLevels:
            Advice(
                .note, "mh cuts weights down to less than 64 levels; finer differences are lost.",
                "Nothing, while Poise writes them; else use weights up to 63.")
        case .hashDrops:
            Advice(
                .warning, "The clients of a server with weight 0 are dropped, not moved.",
                "`scheduler_flags: [fallback]`, or `ipvsadm -E … -b mh-fallback`.")
        case .longWalk:
            Advice(
                .warning, "For one packet wrr may go through its list that many times.",
                "Use weights whose highest is at most 256 times their common divisor, or sed.")
        case .portNotMapped:
            Advice(
                .warning, "Only masq changes ports: packets go to the service's port.",
                "Give the server the service's port, or `forward: masq`.")
        case .mixedFamilies:
            Advice(
                .error, "Only a tunnel leads from one address family to the other.",
                "`forward: tunnel`, or a server of the service's family.")
        case .overThreshold:
            Advice(
                .warning, "It has its upper threshold of connections and gets no new ones.",
                "Raise `upper`, or add servers.")
        case .thresholdsTight:
            Advice(
                .note, "It goes in and out with every few connections.",
                "Let `lower` be three quarters of `upper`.")
        case .persistenceOutlivesDrain:
            Advice(
                .warning, "Clients of a drained server come back to it until their time is over.",
                "`sysctl net.ipv4.vs.expire_quiescent_template=1`.")
        case .persistenceSlowsWeights:
            Advice(
                .note, "Weights move new clients only; the others stay for the persistence time.",
                "Nothing, or a shorter `persistence`.")
        default: adviceOnSettings
        }
    }

    private var adviceOnSettings: Advice {
        switch self {
        case .noForwarding:
            Advice(
                .error, "Answers of servers behind masq are not forwarded to clients.",
                "`sysctl net.ipv4.ip_forward=1` (IPv6: `net.ipv6.conf.all.forwarding=1`).")
        case .reuseKeepsServers:
            Advice(
                .warning,
                "A client that uses a port again stays with its old server, drained or not.",
                "`sysctl net.ipv4.vs.conn_reuse_mode=1`.")
        case .reuseBypasses:
            Advice(
                .note,
                "Behind direct and tunnel, a client that uses a port again may stay with its old server.",
                "`sysctl net.ipv4.vs.conn_reuse_mode=2`, if clients are few and busy.")
        case .removedIsSilent:
            Advice(
                .note, "Connections to a removed server hang until they time out.",
                "`sysctl net.ipv4.vs.expire_nodest_conn=1`, if clients are to be told.")
        case .sloppy:
            Advice(
                .note, "A packet of a connection that nobody knows goes to any server.",
                "0, unless several directors share clients by mh or sh.")
        case .conntrack:
            Advice(
                .note, "Each connection has a second entry, in a table with a bound of its own.",
                "`sysctl net.ipv4.vs.conntrack=0`, unless the firewall's rules need it.")
        case .defence:
            Advice(
                .warning, "The kernel drops entries or packets even when memory is plentiful.",
                "Set it to 1, where the kernel decides, or to 0.")
        case .syncBlocks:
            Advice(
                .error, "With a backup daemon this setting has IPVS let every packet pass by.",
                "`sysctl net.ipv4.vs.backup_only=0` on a director that balances.")
        case .syncAlone:
            Advice(
                .note, "Connections travel one way: after a failover and back some are lost.",
                "Run both daemons on both directors (`ipvs.sync`).")
        case .syncDiffers:
            Advice(
                .warning, "This director tells one group and hears another.",
                "One id, group and port for both daemons.")
        case .syncInterface:
            Advice(
                .error, "The daemon's interface is not there: nothing travels.",
                "Name one that `ip link` shows.")
        case .syncMixedFamilies:
            Advice(
                .warning, "Connections to servers of another family do not travel.",
                "Give up the daemon or these servers.")
        case .syncLoops:
            Advice(
                .note, "A standby that is a real server, too, may send packets back.",
                "`sysctl net.ipv4.vs.backup_only=1` on such a standby.")
        case .syncPorts:
            Advice(
                .note, "Both directors have to have the same number of ports.",
                "Compare `net.ipv4.vs.sync_ports` on the other director.")
        default: Advice(.note, "", "")
        }
    }
}
