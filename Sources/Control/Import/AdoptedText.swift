// Services that were taken over → files of services.d, with what could not be taken as comments.

internal import Weighting

struct AdoptedText {
    /// `weights`: names, addresses and capacities, beside somebody else who makes the services;
    /// `services`: all of it.
    enum Scope { case weights, services }

    private let adopted: Adopted
    private let names: AdoptedNames
    private let scope: Scope

    /// The master reads files of up to 1 MiB.
    private static let mostBytes = 900_000

    init(_ adopted: Adopted, names: AdoptedNames, scope: Scope) {
        self.adopted = adopted
        self.names = names
        self.scope = scope
    }

    /// The texts of as many files as the services need.
    func files() -> [String] {
        var files: [String] = []
        var body = ""
        for service in adopted.services {
            let text = text(of: service)
            if !body.isEmpty, body.utf8.count + text.utf8.count > Self.mostBytes {
                files.append(body)
                body = ""
            }
            body += (body.isEmpty ? "" : "\n") + text
        }
        files.append(body)
        return files.enumerated().map { index, body in
            let head = index == 0 ? self.head : ""
            return head + (body.isEmpty ? "# There is no virtual service.\n" : "services:\n\(body)")
        }
    }

    private var head: String {
        var lines = adopted.remarks.map { comment($0) }
        if scope == .services, !adopted.masterLines.isEmpty {
            lines.append("# For master.yaml, below ipvs:")
            lines += adopted.masterLines.map { "#   \(printable($0))" }
        }
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n\n"
    }

    private func comment(_ remark: Remark, indent: Int = 0) -> String {
        let place = remark.origin.map { "\($0): " } ?? ""
        let mark = remark.isLoss ? "NOT TAKEN: " : ""
        // A line's end would end the comment.
        let text = printable("\(place)\(mark)\(remark.text)")
        return String(repeating: " ", count: indent) + "# \(text.prefix(Self.longestComment))"
    }

    private static let longestComment = 500

    // MARK: - One service

    private func text(of service: AdoptedService) -> String {
        var lines = [service.origin?.description, service.note].compactMap { text in
            text.map { "  # \(printable($0).prefix(Self.longestComment))" }
        }
        lines.append("  \(YAMLText(names.service(service.key))):")
        func add(_ key: String, _ value: (some CustomStringConvertible)?) {
            guard let value else { return }
            lines.append("    \(key): \(value)")
        }
        switch service.key {
        case .address: add("vip", YAMLText("\(service.key)"))
        case .firewallMark(let mark, let family):
            add("fwmark", mark)
            if family == .v6 { add("family", "ipv6") }
        }
        if scope == .services { lines += settings(of: service) }
        lines += service.remarks.map { comment($0, indent: 4) }
        if scope == .services, !service.checks.isEmpty {
            lines.append("    checks:")
            lines += service.checks.map { "      - \($0.text)" }
        }
        lines.append(service.members.isEmpty ? "    servers: []" : "    servers:")
        let capacities = AdoptedCapacities(service.members.map(\.weight))
        for (index, member) in service.members.enumerated() {
            lines += text(of: member, in: service, capacity: capacities[index])
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func settings(of service: AdoptedService) -> [String] {
        var lines = ["    scheduler: \(YAMLText(service.scheduler))"]
        let flags = Set(service.schedulerFlags).sorted().map { YAMLText($0) }
        if !flags.isEmpty { lines.append("    scheduler_flags: \(YAMLText(list: flags))") }
        if let persistence = service.persistence {
            var pairs = ["timeout: \(YAMLText(seconds: Double(persistence.timeoutSeconds)))"]
            if let mask = persistence.netmask {
                pairs.append(
                    "netmask: \(Int(mask) == nil ? YAMLText(mask) : YAMLText(plain: mask))")
            }
            if let engine = persistence.engine { pairs.append("engine: \(YAMLText(engine))") }
            lines.append("    persistence: {\(pairs.joined(separator: ", "))}")
        }
        if service.isOnePacket { lines.append("    one_packet: true") }
        lines += Self.pairs(of: service.forward, standard: .masq).map { "    \($0.0): \($0.1)" }
        if service.removesOnFailure { lines.append("    on_failure: remove") }
        if let quorum = service.quorum { lines.append("    quorum: \(quorum)") }
        if let hysteresis = service.hysteresis { lines.append("    hysteresis: \(hysteresis)") }
        if let sorry = service.sorry {
            var pairs = [("address", "\(YAMLText("\(sorry.address)"))")]
            if sorry.port != service.port { pairs.append(("port", "\(sorry.port)")) }
            pairs += Self.pairs(of: sorry.forward, standard: service.forward)
            let text = pairs.map { "\($0.0): \($0.1)" }.joined(separator: ", ")
            lines.append("    sorry: {\(text)}")
            lines += sorry.remarks.map { comment($0, indent: 4) }
        }
        return lines
    }

    private func text(
        of member: AdoptedMember, in service: AdoptedService, capacity: String?
    ) -> [String] {
        var pairs = [
            ("name", "\(YAMLText(names.server(member.destination)))"),
            ("address", "\(YAMLText("\(member.address)"))"),
        ]
        if member.port != service.port { pairs.append(("port", "\(member.port)")) }
        if let capacity { pairs.append(("capacity", capacity)) }
        if scope == .services {
            pairs += Self.pairs(of: member.forward, standard: service.forward)
            if member.upper > 0 { pairs.append(("upper", "\(member.upper)")) }
            if member.lower > 0 { pairs.append(("lower", "\(member.lower)")) }
        }
        let text = pairs.map { "\($0.0): \($0.1)" }.joined(separator: ", ")
        var remarks = member.remarks
        if member.weight == 0 {
            let name = names.server(member.destination)
            remarks.append(
                Remark(
                    origin: member.origin,
                    text: "had weight 0; keep it out with `poise drain \(name)` before the master "
                        + "makes services"))
        }
        return remarks.map { comment($0, indent: 6) } + ["      - {\(text)}"]
    }

    private static func pairs(
        of forward: AdoptedForward, standard: AdoptedForward
    ) -> [(String, String)] {
        guard forward != standard else { return [] }
        switch forward {
        case .masq: return [("forward", "masq")]
        case .direct: return [("forward", "direct")]
        case .tunnel(let tunnel):
            var pairs = ["type: \(YAMLText(tunnel.type))"]
            if let port = tunnel.port { pairs.append("port: \(port)") }
            if tunnel.checksum != "none" { pairs.append("checksum: \(tunnel.checksum)") }
            return [("forward", "tunnel"), ("tunnel", "{\(pairs.joined(separator: ", "))}")]
        }
    }
}

/// Weights as capacities: in the same proportion, within the bounds of the key.
struct AdoptedCapacities {
    private let weights: [Int]
    private let scale: Double

    init(_ weights: [Int]) {
        self.weights = weights
        let most = Double(weights.max() ?? 1)
        scale = most > 1000 ? 1000 / most : 1
    }

    /// Nothing where the standard says the same.
    subscript(index: Int) -> String? {
        // Of a server that gets nothing now nobody knows what it can carry.
        guard weights[index] > 0 else { return nil }
        let hundredths = max(1, Int((Double(weights[index]) * scale * 100).rounded()))
        guard hundredths != 100 else { return nil }
        let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
        return rest == 0 ? "\(whole)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
