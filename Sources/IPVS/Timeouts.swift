// How long IPVS keeps connections that say nothing.

import CNetlink

/// Seconds without a packet after which an entry ends; nothing where one is left as it is.
package struct Timeouts: Equatable, Sendable {
    package var tcp: UInt32?
    /// After a FIN was seen.
    package var tcpFin: UInt32?
    package var udp: UInt32?

    package init(tcp: UInt32? = nil, tcpFin: UInt32? = nil, udp: UInt32? = nil) {
        self.tcp = tcp
        self.tcpFin = tcpFin
        self.udp = udp
    }

    /// These, where `others` say nothing.
    package func with(_ others: Timeouts) -> Timeouts {
        Timeouts(
            tcp: others.tcp ?? tcp, tcpFin: others.tcpFin ?? tcpFin, udp: others.udp ?? udp)
    }

    /// An answer to GET_CONFIG.
    init(entry bytes: ArraySlice<UInt8>) throws(AnswerFault) {
        let entry = try Attributes(bytes)
        tcp = entry.integer(Int(IPVS_CMD_ATTR_TIMEOUT_TCP), as: UInt32.self)
        tcpFin = entry.integer(Int(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN), as: UInt32.self)
        // A kernel without UDP tells no time for it.
        udp = entry.integer(Int(IPVS_CMD_ATTR_TIMEOUT_UDP), as: UInt32.self)
        guard tcp != nil || udp != nil else { throw .malformed("the timeouts") }
    }

    /// What SET_CONFIG is sent.
    var attributes: Attributes {
        var attributes = Attributes()
        tcp.map { attributes.append(Int(IPVS_CMD_ATTR_TIMEOUT_TCP), $0) }
        tcpFin.map { attributes.append(Int(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN), $0) }
        udp.map { attributes.append(Int(IPVS_CMD_ATTR_TIMEOUT_UDP), $0) }
        return attributes
    }
}
