// Who is at the other end of the admin socket: the kernel says the user, and nobody can forge that.

internal import CLinux
internal import Glibc
internal import NIOCore

/// The user of a process that asks, as the kernel vouches for it (SO_PEERCRED).
struct Peer: Equatable, Sendable {
    let user: uid_t
    let group: gid_t

    /// Of a connection; nothing when it is no unix socket.
    static func of(_ channel: any Channel) async -> Peer? {
        guard let options = channel as? any SocketOptionProvider else { return nil }
        let answer: EventLoopFuture<linux_peer> = options.unsafeGetSocketOption(
            level: NIOBSDSocket.OptionLevel(rawValue: SOL_SOCKET),
            name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        guard let peer = try? await answer.get() else { return nil }
        return Peer(user: peer.uid, group: peer.gid)
    }
}

/// Who gives an order.
enum Person: Sendable {
    /// A process, and who asks by it if that was told.
    case peer(Peer?, asker: String?)
    /// In tests.
    case named(String)

    /// As people will read it; may ask the system's list of users, and so wait.
    func name() throws(OrderRefusal) -> String {
        switch self {
        case .named(let name): return name
        case .peer(nil, _):
            throw OrderRefusal(.notAllowed, "the kernel does not say who asks")
        case .peer(let peer?, let asker):
            let entry = UserEntry(peer.user)
            guard Self.mayOrder(peer, entry) else {
                throw OrderRefusal(
                    .notAllowed,
                    "orders are for root and the master's group; adduser NAME poise lets a person "
                        + "give them")
            }
            let user = entry?.name ?? "uid \(peer.user)"
            guard let asker, !asker.isEmpty, asker != user else { return user }
            try OrderRules.check(text: asker, "name of who asks")
            return "\(asker) as \(user)"
        }
    }

    private static func mayOrder(_ peer: Peer, _ entry: UserEntry?) -> Bool {
        if [0, geteuid()].contains(peer.user) || peer.group == getegid() { return true }
        return entry?.groups.contains(getegid()) ?? false
    }
}

/// A user of this system.
private struct UserEntry {
    let name: String
    let groups: [gid_t]

    private static let mostGroups: Int32 = 1_024

    init?(_ user: uid_t) {
        var room = [CChar](repeating: 0, count: 16 << 10)
        let found: (String, [gid_t])? = room.withUnsafeMutableBufferPointer { room in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let start = room.baseAddress,
                getpwuid_r(user, &entry, start, room.count, &found) == 0, found != nil,
                let name = entry.pw_name
            else { return nil }
            var count = Self.mostGroups
            var groups = [gid_t](repeating: 0, count: Int(count))
            let isWhole = getgrouplist(name, entry.pw_gid, &groups, &count) >= 0
            return (
                String(cString: name), isWhole ? Array(groups.prefix(Int(count))) : [entry.pw_gid]
            )
        }
        guard let found else { return nil }
        (name, groups) = found
    }
}
