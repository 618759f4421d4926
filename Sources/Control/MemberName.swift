// SERVER, or SERVICE/SERVER, as an argument of commands about members.

internal import Weighting

/// A server wherever it serves, or in one service.
struct MemberName: Equatable {
    let server: String
    let service: String?

    /// `service` is the option of that name, which says the same as SERVICE/.
    init(_ text: String, service: String? = nil) throws(Failure) {
        guard let slash = text.lastIndex(of: "/") else {
            (server, self.service) = (text, service)
            return
        }
        guard service == nil else {
            throw .usage("\(printable(text)) names a service already; leave --service out")
        }
        server = String(text[text.index(after: slash)...])
        self.service = String(text[..<slash])
    }

    /// Fails with the names that are near when there is no such member.
    func check(in snapshot: Snapshot) throws(Failure) {
        // A master that could not read its table yet shows none, and knows better itself.
        guard !snapshot.services.isEmpty else { return }
        guard let service else {
            let known = snapshot.serverNames
            guard known.contains(server) else { throw .unknownServerAnywhere(server, known: known) }
            return
        }
        let found = try snapshot.service(named: service)
        guard found.members.contains(where: { $0.server == server }) else {
            throw .unknownServer(
                server, service: service, known: found.members.map(\.server))
        }
    }

    var text: String { service.map { "\($0)/\(server)" } ?? server }

    /// Of all members those that it names.
    func members(in snapshot: Snapshot) -> [Snapshot.Member] {
        snapshot.services.filter { $0.name == service ?? $0.name }
            .flatMap { $0.members.filter { $0.server == server } }
    }
}
