// Whether a drain drains: what the kernel's settings make of clients that come back.

internal import Settings
internal import Weighting

/// The settings of IPVS that decide about servers with weight 0; nothing where one cannot be read.
struct DrainAdvice: Equatable, Sendable {
    /// 1: a client that persistence holds to a server of weight 0 is sent elsewhere.
    var expiresQuiescent: Int?
    /// 0: a connection that uses an old one's port goes where the old one went.
    var reuseMode: Int?
    /// 1: connections of a destination that is gone end at the next packet.
    var expiresWithoutDestination: Int?

    private static let folder = "/proc/sys/net/ipv4/vs"

    /// As they are now.
    static func read() -> DrainAdvice {
        func number(_ name: String) -> Int? {
            guard let bytes = try? Files.readBytes("\(folder)/\(name)") else { return nil }
            return Int(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
        }
        return DrainAdvice(
            expiresQuiescent: number("expire_quiescent_template"),
            reuseMode: number("conn_reuse_mode"),
            expiresWithoutDestination: number("expire_nodest_conn"))
    }

    /// What is to be said of this drain.
    func notes(on record: AdminAPI.OrderRecord, _ ground: OrderGround) -> [String] {
        var notes: [String] = []
        let held = Self.persistent(record, ground)
        if held > 0 && expiresQuiescent == 0 {
            notes.append(
                "\(held) entries of persistence lead clients back to it until they expire, drain "
                    + "or not, since net.ipv4.vs.expire_quiescent_template is 0; with 1 these "
                    + "clients go elsewhere")
        }
        if reuseMode == 0 && expiresWithoutDestination == 0 {
            notes.append(
                "a client that uses a port again comes back to it, since "
                    + "net.ipv4.vs.conn_reuse_mode is 0; with 1 it goes elsewhere")
        }
        return notes
    }

    /// Templates of persistence at the members that the order is about.
    private static func persistent(_ record: AdminAPI.OrderRecord, _ ground: OrderGround) -> Int {
        guard let table = ground.table,
            let server = ground.cluster.servers.firstIndex(where: { $0.name == record.server })
        else { return 0 }
        var count = 0
        for service in ground.cluster.services
        where (record.service ?? service.name) == service.name {
            guard let held = table[service: service.key] else { continue }
            for member in service.members where member.server == server {
                count += held[member.destination]?.persistentConnections ?? 0
            }
        }
        return count
    }
}
