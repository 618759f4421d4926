// The threads of the kernel that tell other directors of connections, and hear of theirs.

import CNetlink
import Glibc
package import Weighting

/// A sync daemon: one that runs, or one that is to.
///
/// What is nothing is left to the kernel, which has a standard for it.
package struct SyncDaemon: Equatable, Sendable {
    package enum Role: UInt32, Sendable {
        /// Tells of this director's connections.
        case master = 1
        /// Hears of another's.
        case backup = 2
    }

    package var role: Role
    /// Directors with one number belong together; 0 of a backup hears all of them.
    package var id: UInt32
    package var interface: String
    package var group: Address?
    package var port: UInt16?
    package var ttl: UInt8?
    /// Of a message, in bytes.
    package var mostBytes: UInt16?

    package init(
        role: Role, id: UInt32, interface: String, group: Address? = nil, port: UInt16? = nil,
        ttl: UInt8? = nil, mostBytes: UInt16? = nil
    ) {
        self.role = role
        self.id = id
        self.interface = interface
        self.group = group
        self.port = port
        self.ttl = ttl
        self.mostBytes = mostBytes
    }

    /// Whether one that runs is what this one says.
    package func isMet(by running: SyncDaemon) -> Bool {
        role == running.role && id == running.id && interface == running.interface
            && [nil, running.group].contains(group) && [nil, running.port].contains(port)
            && [nil, running.ttl].contains(ttl) && [nil, running.mostBytes].contains(mostBytes)
    }

    /// With what the kernel answers to a second one of a role.
    static let runsAlready = EEXIST

    var startAction: String { "start the sync daemon (\(role)) on \(interface)" }
    var stopAction: String { "stop the sync daemon (\(role))" }

    /// One entry of an answer to GET_DAEMON.
    init(entry: ArraySlice<UInt8>) throws(AnswerFault) {
        guard let nest = try Attributes(entry).nest(Int(IPVS_CMD_ATTR_DAEMON)),
            let role = nest.integer(Int(IPVS_DAEMON_ATTR_STATE), as: UInt32.self)
                .flatMap(Role.init),
            let interface = nest[Int(IPVS_DAEMON_ATTR_MCAST_IFN)],
            let id = nest.integer(Int(IPVS_DAEMON_ATTR_SYNC_ID), as: UInt32.self)
        else { throw .malformed("a sync daemon") }
        self.init(
            role: role, id: id, interface: String(zeroTerminated: interface),
            port: nest.integer(Int(IPVS_DAEMON_ATTR_MCAST_PORT), as: UInt16.self),
            ttl: nest.integer(Int(IPVS_DAEMON_ATTR_MCAST_TTL), as: UInt8.self),
            mostBytes: nest.integer(Int(IPVS_DAEMON_ATTR_SYNC_MAXLEN), as: UInt16.self))
        if let group = nest.integer(Int(IPVS_DAEMON_ATTR_MCAST_GROUP), as: UInt32.self) {
            self.group = .v4(UInt32(bigEndian: group))
        } else if let group = nest[Int(IPVS_DAEMON_ATTR_MCAST_GROUP6)] {
            self.group = Address(union: group, .v6)
        }
    }

    /// What NEW_DAEMON and DEL_DAEMON are sent.
    var attributes: Attributes {
        var nest = Attributes()
        nest.append(Int(IPVS_DAEMON_ATTR_STATE), role.rawValue)
        nest.append(Int(IPVS_DAEMON_ATTR_MCAST_IFN), Array(interface.utf8) + [0])
        nest.append(Int(IPVS_DAEMON_ATTR_SYNC_ID), id)
        mostBytes.map { nest.append(Int(IPVS_DAEMON_ATTR_SYNC_MAXLEN), $0) }
        switch group {
        case .v4(let bits): nest.append(Int(IPVS_DAEMON_ATTR_MCAST_GROUP), bits.bigEndian)
        case .v6: nest.append(Int(IPVS_DAEMON_ATTR_MCAST_GROUP6), group?.union ?? [])
        case nil: break
        }
        port.map { nest.append(Int(IPVS_DAEMON_ATTR_MCAST_PORT), $0) }
        ttl.map { nest.append(Int(IPVS_DAEMON_ATTR_MCAST_TTL), $0) }
        var attributes = Attributes()
        attributes.append(Int(IPVS_CMD_ATTR_DAEMON), nest: nest)
        return attributes
    }
}
