// What may be added to a service, and what may follow a drain.

internal import IPVS
internal import Settings
internal import Weighting

extension OrderRules {
    private static let capacities = 0.01...1000.0

    /// The rules for what follows; that it makes sense, and once.
    func checkSequel(of request: AdminAPI.OrderRequest) throws(OrderRefusal) {
        guard request.then != nil else { return }
        guard request.action == .drain else {
            throw OrderRefusal(.malformed, "a removal follows a drain, and nothing else")
        }
        guard request.every == nil else {
            throw OrderRefusal(.malformed, "a server is removed once; leave --every out")
        }
    }

    /// Where the server is that is to be added; nothing where the order is of another kind.
    func destination(
        of request: AdminAPI.OrderRequest
    ) throws(OrderRefusal) -> DestinationKey? {
        guard request.action == .add else {
            guard request.destination == nil, request.capacity == nil else {
                throw OrderRefusal(
                    .malformed, "only a server that is added has an address and a capacity")
            }
            return nil
        }
        guard request.at == nil, request.forSeconds == nil, request.every == nil else {
            throw OrderRefusal(.malformed, "a server is added at once, until it is removed")
        }
        guard Self.capacities.contains(request.capacity ?? 1) else {
            throw OrderRefusal(.malformed, "a capacity is 0.01 to 1000")
        }
        if let fault = NameRule.fault(of: request.server) {
            throw OrderRefusal(.malformed, "\(fault.message); \(fault.remedy)")
        }
        let services = ground.cluster.services
        guard let service = services.first(where: { $0.name == request.service }) else {
            throw OrderRefusal(
                .unknown,
                request.service.map { "there is no service \"\($0)\"" }
                    ?? "say to which service it is added")
        }
        // Which checks a server has is made of the files, and one that is never checked gets nothing.
        guard !service.hasChecks else {
            throw OrderRefusal(
                .unsafe,
                "\"\(service.name)\" has checks, which files alone give to a server: declare "
                    + "\"\(request.server)\" there, then poise apply")
        }
        let destination = try place(request.destination ?? "", in: service)
        try checkFree(request.server, destination, in: service)
        return destination
    }

    private func place(
        _ text: String, in service: Cluster.Service
    ) throws(OrderRefusal) -> DestinationKey {
        if let destination = DestinationKey(text) { return destination }
        guard let address = Address(text) else {
            throw OrderRefusal(
                .malformed,
                "\"\(text)\" is no address; write 10.0.0.15, 10.0.0.15:80 or [fd00::15]:80")
        }
        guard case .address(_, let port, _) = service.key else {
            throw OrderRefusal(
                .malformed,
                "a firewall mark has no port to lend; write the address with one, or with port 0")
        }
        return DestinationKey(address: address, port: port)
    }

    /// One name, one address, in every service.
    private func checkFree(
        _ server: String, _ destination: DestinationKey, in service: Cluster.Service
    ) throws(OrderRefusal) {
        let names = ground.cluster.servers.map(\.name)
        guard service.members.allSatisfy({ names[$0.server] != server }) else {
            throw OrderRefusal(.unsafe, "\"\(service.name)\" has a server \"\(server)\" already")
        }
        // Also in another service: one address and port is one server.
        for member in ground.cluster.services.lazy.flatMap(\.members)
        where member.destination == destination && names[member.server] != server {
            throw OrderRefusal(
                .unsafe, "\(destination) belongs to \"\(names[member.server])\" already")
        }
        guard service.members.count < ServicesKeys.mostMembers,
            names.contains(server) || names.count < ServicesKeys.mostServers
        else { throw OrderRefusal(.unsafe, "there is no room for another server") }
    }
}
