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
                    },
                    sorry: service.setup.sorry.map {
                        Declaration.Member(key: $0.destination, setup: $0.setup)
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
            reportUnfit(member.destination, member.setup, member.addressPlace, of: key, ipvs)
        }
        guard let sorry = service.setup.sorry else { return }
        reportUnfit(sorry.destination, sorry.setup, sorry.place, of: key, ipvs)
        if service.members.contains(where: { $0.destination == sorry.destination }) {
            reporter.error(
                sorry.place, "\(sorry.destination) is a member, and the sorry server, too",
                remedy: "the sorry server is one beside them")
        }
    }

    private func reportUnfit(
        _ destination: DestinationKey, _ setup: DestinationSetup, _ place: Place,
        of key: ServiceKey, _ ipvs: IPVSSettings
    ) {
        var isTunnel = false
        if case .tunnel = setup.forwarding { isTunnel = true }
        let family = destination.address.family
        if family != key.addressFamily {
            if !isTunnel {
                reporter.error(
                    place, "the server and the service are of different families",
                    remedy: "only a tunnel leads from one to the other: forward: tunnel")
            } else if !ipvs.sync.isEmpty {
                reporter.error(
                    place,
                    "the kernel refuses servers of another family while a sync daemon runs",
                    remedy: "remove the server or ipvs.sync")
            }
        }
        if case .address(_, let port, _) = key, port != 0, destination.port != port,
            setup.forwarding != .masquerading
        {
            reporter.error(
                place,
                "port \(destination.port) needs forward: masq, which alone changes ports",
                remedy: "use port \(port) on the server, or forward: masq")
        }
    }
}
