// keepalived.conf → services: which blocks are ours, and which virtual servers there are.

internal import IPVS
internal import Weighting

/// Reads the blocks of a keepalived configuration.
struct KeepalivedReader {
    private(set) var adopted = Adopted()
    private var groups: [String: [Entry]] = [:]
    private var seen: [ServiceKey: Origin] = [:]

    /// One address, or one firewall mark, of a group.
    private struct Entry {
        let address: Address?
        let port: UInt16
        let mark: UInt32
        let family: AddressFamily?
    }

    static func read(
        _ path: String, files: ImportFiles, configID: String
    ) throws(Failure) -> Adopted {
        let lines = try KeepalivedLines(path: path, files: files, configID: configID)
        let tree = KeepalivedTree(lines.lines)
        var reader = KeepalivedReader()
        reader.adopted.remarks = lines.remarks + tree.remarks
        // A group may stand behind the servers that name it.
        for node in tree.nodes where node.keyword == "virtual_server_group" {
            reader.takeGroup(node)
        }
        for node in tree.nodes { reader.take(node) }
        return reader.adopted
    }

    private mutating func remark(_ node: KeepalivedNode, _ text: String, isLoss: Bool = false) {
        adopted.remarks.append(Remark(origin: node.origin, text: text, isLoss: isLoss))
    }

    // MARK: - Blocks of the file

    private mutating func take(_ node: KeepalivedNode) {
        switch node.keyword {
        case "virtual_server": takeServer(node)
        case "virtual_server_group": break
        case "global_defs":
            for child in node.children { takeGlobal(child) }
        case "vrrp_instance", "vrrp_sync_group", "vrrp_script", "vrrp_track_process",
            "vrrp_track_file", "track_file", "track_process", "track_bfd", "track_group",
            "bfd_instance", "garp_group", "static_ipaddress", "static_routes", "static_rules",
            "static_track_group", "linkbeat_interfaces", "linkbeat_use_polling", "net_namespace",
            "net_namespace_ipvs", "interface_up_down_delays", "instance", "use_pid_dir",
            "child_wait_time", "namespace_with_ipsets", "include_check":
            remark(node, "\(node.text): addresses, routes and VRRP stay with keepalived")
        case "SSL":
            remark(node, "SSL: name the certificates with the keys of each https check")
        default:
            // A block that is misspelt may be a service.
            remark(node, "\(node.text): not known", isLoss: node.keyword.hasPrefix("virtual"))
        }
    }

    private mutating func takeGlobal(_ node: KeepalivedNode) {
        switch node.keyword {
        case "lvs_timeouts":
            let names = ["tcp": "tcp", "tcpfin": "tcp_fin", "udp": "udp"]
            let pairs = stride(from: 0, to: node.arguments.count - 1, by: 2).compactMap { index in
                names[node.arguments[index]].map { "\($0): \(node.arguments[index + 1])s" }
            }
            adopted.masterLines.append("timeouts: {\(pairs.joined(separator: ", "))}")
        case "lvs_sync_daemon":
            remark(
                node,
                "\(node.text): leave it to keepalived while it runs; else say it with "
                    + "ipvs.sync of master.yaml")
        case "lvs_flush", "lvs_flush_on_stop":
            remark(
                node,
                "\(node.text): empties the table of IPVS; take it out before Poise makes "
                    + "services")
        default:
            // Mail, names, priorities: nothing of it is about services.
            break
        }
    }

    // MARK: - Groups

    private mutating func takeGroup(_ node: KeepalivedNode) {
        guard let name = node.arguments.first else {
            return remark(node, "a group without a name", isLoss: true)
        }
        var entries: [Entry] = []
        for child in node.children {
            let words = [child.keyword] + child.arguments
            if words[0] == "fwmark", words.count > 1, let mark = UInt32(words[1]), mark > 0 {
                let family = words.dropFirst(2).first.map { $0 == "inet6" ? AddressFamily.v6 : .v4 }
                entries.append(Entry(address: nil, port: 0, mark: mark, family: family))
            } else if let range = AddressRange(words[0], most: Adopted.mostServices),
                let port = Self.port(words.dropFirst().first)
            {
                entries += range.addresses.map {
                    Entry(address: $0, port: port, mark: 0, family: nil)
                }
            } else {
                remark(child, "\(child.text): no address and port of a service", isLoss: true)
            }
            guard entries.count <= Adopted.mostServices else {
                return remark(child, "a group of too many addresses", isLoss: true)
            }
        }
        groups[name, default: []] += entries
    }

    private static func port(_ text: String?) -> UInt16? {
        guard let text else { return 0 }
        return UInt16(text)
    }

    // MARK: - Virtual servers

    private mutating func takeServer(_ node: KeepalivedNode) {
        let words = node.arguments
        var server = KeepalivedServer(node)
        let entries: [Entry]
        if words.first == "group", words.count == 2 {
            guard let group = groups[words[1]] else {
                return remark(node, "there is no virtual_server_group \(words[1])", isLoss: true)
            }
            entries = group
        } else if words.first == "fwmark", words.count == 2, let mark = UInt32(words[1]), mark > 0 {
            entries = [Entry(address: nil, port: 0, mark: mark, family: nil)]
        } else if let address = words.first.flatMap(Address.init), words.count <= 2,
            let port = Self.port(words.dropFirst().first)
        {
            entries = [Entry(address: address, port: port, mark: 0, family: nil)]
        } else {
            return remark(node, "\(node.text): no virtual service", isLoss: true)
        }
        for entry in entries {
            let key = key(of: entry, server)
            if let first = seen[key] {
                remark(
                    node, "\(key) is at \(first) already; only the first is taken", isLoss: true)
                continue
            }
            guard adopted.services.count < Adopted.mostServices else {
                return remark(node, "more services than \(Adopted.mostServices)", isLoss: true)
            }
            seen[key] = node.origin
            adopted.services.append(server.service(key))
            // Once, not for each address of a group.
            server.forgetRemarks()
        }
    }

    private func key(of entry: Entry, _ server: KeepalivedServer) -> ServiceKey {
        if let address = entry.address {
            return .address(address, port: entry.port, server.transport)
        }
        return .firewallMark(entry.mark, entry.family ?? server.markFamily)
    }
}
