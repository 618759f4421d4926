// From the services of all files to the table that Poise makes; what IPVS would refuse is reported.

internal import IPVS
internal import Settings
internal import Weighting

extension ClusterAssembly {
    /// Nothing where only weights are Poise's.
    func declaration(_ ipvs: IPVSSettings) -> Declaration? {
        guard ipvs.manage == .services else { return nil }
        return Declaration(
            services: services.compactMap { service in
                guard let key = service.key, let scheduler = service.scheduler else { return nil }
                reportUnfit(service, key.value, scheduler, ipvs)
                return Declaration.Service(
                    key: key.value,
                    setup: ServiceSetup(
                        scheduler: scheduler.value, flags: service.setup.flags,
                        persistence: service.setup.persistence,
                        isOnePacket: service.setup.isOnePacket),
                    members: service.members.map {
                        Declaration.Member(
                            key: $0.destination, setup: $0.setup, capacity: $0.capacity)
                    })
            })
    }

    private func reportUnfit(
        _ service: DeclaredService, _ key: ServiceKey, _ scheduler: Found<Scheduler>,
        _ ipvs: IPVSSettings
    ) {
        let keyPlace = service.key?.place ?? service.place
        if scheduler.place == nil, ipvs.isTableOfKernel {
            reporter.error(
                service.place, "\"\(service.name)\" has no scheduler",
                remedy: "with manage: services it is declared here; sed is a good one")
        }
        if !service.setup.flags.isEmpty, ![.known(.mh), .known(.sh)].contains(scheduler.value) {
            reporter.error(
                service.setup.flagsPlace ?? service.place,
                "\(scheduler.value.name) has no flags", remedy: "mh and sh have them")
        }
        if case .address(_, port: 0, _) = key, service.setup.persistence == nil {
            reporter.error(
                keyPlace, "port 0 stands for all ports, and needs persistence",
                remedy: "write a port, or persistence: {timeout: 300s}")
        }
        for member in service.members {
            reportUnfit(member, of: key, ipvs)
        }
    }

    private func reportUnfit(_ member: DeclaredMember, of key: ServiceKey, _ ipvs: IPVSSettings) {
        var isTunnel = false
        if case .tunnel = member.setup.forwarding { isTunnel = true }
        let family = member.destination.address.family
        if family != key.addressFamily {
            if !isTunnel {
                reporter.error(
                    member.addressPlace, "the server and the service are of different families",
                    remedy: "only a tunnel leads from one to the other: forward: tunnel")
            } else if !ipvs.sync.isEmpty {
                reporter.error(
                    member.addressPlace,
                    "the kernel refuses servers of another family while a sync daemon runs",
                    remedy: "remove the server or ipvs.sync")
            }
        }
        if case .address(_, let port, _) = key, port != 0, member.destination.port != port,
            member.setup.forwarding != .masquerading
        {
            reporter.error(
                member.addressPlace,
                "port \(member.destination.port) needs forward: masq, which alone changes ports",
                remedy: "use port \(port) on the server, or forward: masq")
        }
    }
}
