// A kernel played on the far side of a link, at the level of bytes: it answers as Linux 6.1 was
// seen to answer, and can be told to err.

import CNetlink
import Glibc
import Weighting

@testable import IPVS

/// Holds services in order; any number of links speak to it.
final class PlayedKernel {
    struct Service {
        var key: ServiceKey
        var scheduler = "wrr"
        var flags: UInt32 = 0
        var timeout: UInt32 = 0
        var netmask: UInt32?
        var engine: String?
        var destinations: [Destination] = []
        var isTold = Told.whole

        enum Told { case whole, withoutScheduler, notAtAll, underAnotherName }
    }

    struct Destination {
        var key: DestinationKey
        /// What SET_DEST may write, by attribute; a missing one counts as zero.
        var settings: [Int: [UInt8]]
        var scheduledConnections: UInt64 = 0
    }

    enum Fault {
        case interrupted, cut, ofAnotherRequest, overrun, silent
    }

    var services: [Service] = []
    var isLoaded = true
    /// The answer to everything, as to a process that lacks CAP_NET_ADMIN.
    var refusal: Int32?
    /// Schedulers and engines that there are modules for.
    var modules: Set<String> = ["wrr", "sed", "mh", "rr", "sip"]
    /// By the attribute's number.
    var configuration: [Int: UInt32] = [:]
    var daemons: [Attributes] = []
    /// Whether there is an interface of kube-proxy's.
    var isOfKubeProxy = false
    /// The answer to a write of that weight.
    var refusedWeights: [UInt32: Int32] = [:]
    /// What becomes of the next datagrams to be received, one after the other; `nil` is no fault.
    var faults: [Fault?] = []
    var acknowledgesBackwards = false
    /// Called before each part of a destination dump, with the parts sent so far.
    var beforePart: (Int) -> Void = { _ in }

    /// Attempts too, that found no module.
    private(set) var openings = 0
    /// Datagrams that came, whatever they held.
    private(set) var requests = 0
    /// How many SET_DEST came in each datagram that had any.
    private(set) var batches: [Int] = []

    func table() -> KernelTable {
        KernelTable(isOfKubeProxy: { [self] in isOfKubeProxy }) { [self] () throws(IPVSError) in
            openings += 1
            guard isLoaded else { throw .moduleNotLoaded }
            return PlayedLink(kernel: self)
        }
    }

    fileprivate func noteDatagram(ofWrites count: Int) {
        requests += 1
        if count > 0 { batches.append(count) }
    }

    func index(of name: Attributes) -> Int? {
        services.firstIndex { (try? $0.key.attributes.nest(Int(IPVS_CMD_ATTR_SERVICE))) == name }
    }
}

extension PlayedKernel.Destination {
    init(_ key: DestinationKey, weight: UInt32) {
        self.key = key
        settings = Dictionary(
            uniqueKeysWithValues: Self.required.map { ($0, UInt32(0).nativeBytes) })
        settings[Int(IPVS_DEST_ATTR_WEIGHT)] = weight.nativeBytes
    }

    static var required: [Int] {
        [
            Int(IPVS_DEST_ATTR_FWD_METHOD), Int(IPVS_DEST_ATTR_WEIGHT),
            Int(IPVS_DEST_ATTR_U_THRESH), Int(IPVS_DEST_ATTR_L_THRESH),
        ]
    }
    /// A tunnel's, and one that no kernel has yet.
    static var optional: [Int] {
        [
            Int(IPVS_DEST_ATTR_TUN_TYPE), Int(IPVS_DEST_ATTR_TUN_PORT),
            Int(IPVS_DEST_ATTR_TUN_FLAGS), laterAttribute,
        ]
    }
    static let laterAttribute = 77

    var weight: UInt32? { settings[Int(IPVS_DEST_ATTR_WEIGHT)]?[...].native(UInt32.self) }

    fileprivate var entry: Attributes {
        var nest = Attributes()
        nest.append(Int(IPVS_DEST_ATTR_ADDR), key.address.union)
        nest.append(Int(IPVS_DEST_ATTR_PORT), key.port.bigEndian)
        nest.append(Int(IPVS_DEST_ATTR_ADDR_FAMILY), key.address.family.number)
        for (type, value) in settings.sorted(by: { $0.key < $1.key }) { nest.append(type, value) }
        for type in [
            IPVS_DEST_ATTR_ACTIVE_CONNS, IPVS_DEST_ATTR_INACT_CONNS, IPVS_DEST_ATTR_PERSIST_CONNS,
        ] {
            nest.append(Int(type), UInt32(0))
        }
        var statistics = Attributes()
        statistics.append(Int(IPVS_STATS_ATTR_CONNS), scheduledConnections)
        nest.append(Int(IPVS_DEST_ATTR_STATS64), nest: statistics)
        var entry = Attributes()
        entry.append(Int(IPVS_CMD_ATTR_DEST), nest: nest)
        return entry
    }
}

extension PlayedKernel.Service {
    fileprivate var entry: Attributes? {
        if isTold == .notAtAll { return nil }
        let name = isTold == .underAnotherName ? .firewallMark(99, .v4) : key
        var nest = (try? name.attributes.nest(Int(IPVS_CMD_ATTR_SERVICE))) ?? Attributes()
        if isTold != .withoutScheduler {
            nest.append(Int(IPVS_SVC_ATTR_SCHED_NAME), Array(scheduler.utf8) + [0])
        }
        // Linux tells that it has hashed the service, too.
        nest.append(
            Int(IPVS_SVC_ATTR_FLAGS),
            (flags | UInt32(IP_VS_SVC_F_HASHED)).nativeBytes + UInt32.max.nativeBytes)
        nest.append(Int(IPVS_SVC_ATTR_TIMEOUT), timeout)
        netmask.map { nest.append(Int(IPVS_SVC_ATTR_NETMASK), $0) }
        engine.map { nest.append(Int(IPVS_SVC_ATTR_PE_NAME), Array($0.utf8) + [0]) }
        var entry = Attributes()
        entry.append(Int(IPVS_CMD_ATTR_SERVICE), nest: nest)
        return entry
    }
}

/// One socket to the played kernel.
private final class PlayedLink: NetlinkLink {
    let family: UInt16 = 28
    private let kernel: PlayedKernel
    private var waiting: [[UInt8]] = []
    /// A destination dump that goes on by index: what it asks for, where it stands.
    private var dump: (name: Attributes, sequence: UInt32, index: Int, parts: Int)?

    init(kernel: PlayedKernel) { self.kernel = kernel }

    func send(_ datagram: [UInt8]) throws(AnswerFault) {
        var writes = 0
        try Message.each(in: datagram) { message throws(AnswerFault) in
            let command = message.body.first.map(Int.init) ?? 0
            if command == Int(IPVS_CMD_SET_DEST) { writes += 1 }
            let attributes = try Attributes(message.body.dropFirst(Message.commandByteCount))
            try answer(command, attributes, message)
        }
        kernel.noteDatagram(ofWrites: writes)
        if kernel.acknowledgesBackwards && writes > 0 { waiting.reverse() }
    }

    func receive() throws(AnswerFault) -> [UInt8] {
        if waiting.isEmpty { continueDump() }
        guard !waiting.isEmpty else { throw .silence }
        var datagram = waiting.removeFirst()
        switch kernel.faults.isEmpty ? nil : kernel.faults.removeFirst() {
        case .interrupted: datagram[6] |= UInt8(NLM_F_DUMP_INTR)
        case .cut: datagram.removeLast(3)
        case .ofAnotherRequest: datagram[8] ^= 0x40
        case .overrun: throw .overrun
        case .silent: throw .silence
        case nil: break
        }
        return datagram
    }

    private func answer(
        _ command: Int, _ attributes: Attributes, _ message: Message
    ) throws(AnswerFault) {
        let sequence = message.sequence
        let name = try attributes.nest(Int(IPVS_CMD_ATTR_SERVICE))
        if let refusal = kernel.refusal { return end(sequence, errno: refusal) }
        switch (command, name) {
        case (Int(IPVS_CMD_GET_SERVICE), nil):
            // The dump goes on by index, and tells the one at its seam twice.
            for service in kernel.services + kernel.services.suffix(1) {
                service.entry.map { waiting.append(bytes(of: $0, sequence)) }
            }
            end(sequence)
        case (Int(IPVS_CMD_GET_DAEMON), _):
            for daemon in kernel.daemons {
                var entry = Attributes()
                entry.append(Int(IPVS_CMD_ATTR_DAEMON), nest: daemon)
                waiting.append(bytes(of: entry, sequence))
            }
            end(sequence)
        case (Int(IPVS_CMD_GET_CONFIG), _):
            var entry = Attributes()
            for (type, value) in kernel.configuration.sorted(by: { $0.key < $1.key }) {
                entry.append(type, value)
            }
            waiting.append(bytes(of: entry, sequence))
            end(sequence)
        case (Int(IPVS_CMD_GET_SERVICE), let name?):
            guard let index = kernel.index(of: name) else { return end(sequence, errno: ESRCH) }
            if let told = kernel.services[index].entry {
                waiting.append(bytes(of: told, sequence))
            }
            end(sequence)
        case (Int(IPVS_CMD_GET_DEST), let name?):
            dump = (name, sequence, 0, 0)
        default:
            end(sequence, errno: try kernel.write(command, attributes))
        }
    }

    /// Two destinations in a part; an empty success when the service is gone.
    private func continueDump() {
        guard let (name, sequence, start, parts) = dump else { return }
        kernel.beforePart(parts)
        let destinations = kernel.index(of: name).map { kernel.services[$0].destinations } ?? []
        let part = destinations.dropFirst(start).prefix(2)
        if part.isEmpty {
            dump = nil
            end(sequence)
        } else {
            dump = (name, sequence, start + part.count, parts + 1)
            waiting.append(part.flatMap { bytes(of: $0.entry, sequence) })
        }
    }

    private func bytes(of attributes: Attributes, _ sequence: UInt32) -> [UInt8] {
        Request(command: 0, flags: NLM_F_MULTI, attributes: attributes)
            .bytes(family: family, sequence: sequence)
    }

    private func end(_ sequence: UInt32, errno: Int32 = 0) {
        var bytes = UInt32(20).nativeBytes + UInt16(NLMSG_ERROR).nativeBytes
        bytes += UInt16(0).nativeBytes + sequence.nativeBytes + UInt32(0).nativeBytes
        waiting.append(bytes + (-errno).nativeBytes)
    }
}

extension Request {
    /// It alone, as it goes out.
    func bytes(family: UInt16, sequence: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(self, family: family, sequence: sequence)
        return bytes
    }
}
