// One virtual service of ldirectord.cf: its directives, and its real servers.

internal import IPVS
internal import Weighting

struct LdirectordService {
    private var service: AdoptedService
    private let family: AddressFamily
    private let transport: TransportProtocol
    private let names: LdirectordNames
    private var check = LdirectordCheck()

    /// The protocol is said inside of the section whose name needs it.
    static func transport(of section: LdirectordFile.Section) -> TransportProtocol {
        let said = section.directives.last { $0.key == "protocol" }?.value
        if let transport = TransportProtocol.allCases.first(where: { $0.name == said }) {
            return transport
        }
        let port = LdirectordNames.parts(section.head.value).port
        return port == "53" || port == "domain" ? .udp : .tcp
    }

    static func read(
        _ section: LdirectordFile.Section, key: ServiceKey,
        globals: [String: LdirectordFile.Directive], names: LdirectordNames
    ) -> AdoptedService {
        var reader = LdirectordService(section, key: key, names: names)
        var own = Set(section.directives.map(\.key))
        if own.contains("failurecount") || own.contains("checkcount") {
            own.formUnion(["failurecount", "checkcount"])
        }
        let fallback = reader.family == .v6 ? "fallback6" : "fallback"
        let other = reader.family == .v6 ? "fallback" : "fallback6"
        for directive in globals.values.sorted(by: { $0.origin.line < $1.origin.line })
        where !own.contains(directive.key) && directive.key != other {
            reader.take(directive)
        }
        let last = section.directives.last { $0.key == fallback }
        for directive in section.directives
        where directive.key != "real" && directive.key != "real6" {
            if directive.key == fallback, directive.origin != last?.origin { continue }
            reader.take(directive)
        }
        for directive in section.directives
        where directive.key == "real" || directive.key == "real6" {
            reader.takeReal(directive)
        }
        return reader.finished()
    }

    private init(_ section: LdirectordFile.Section, key: ServiceKey, names: LdirectordNames) {
        service = AdoptedService(key: key, origin: section.head.origin)
        service.scheduler = "wrr"
        // Without a word ldirectord takes a failed server out.
        service.removesOnFailure = true
        family = section.head.key == "virtual6" ? .v6 : .v4
        transport = Self.transport(of: section)
        self.names = names
        check.port = service.port
        check.transport = transport
    }

    private mutating func remark(
        _ directive: LdirectordFile.Directive, _ text: String, isLoss: Bool = false
    ) {
        service.remarks.append(
            Remark(origin: directive.origin, text: "\(directive.text): \(text)", isLoss: isLoss))
    }

    private mutating func finished() -> AdoptedService {
        for index in service.members.indices where service.members[index].port == 0 {
            service.members[index].port = service.port ?? 0
        }
        let (checks, remark) = check.checks(at: service)
        if let remark {
            service.remarks.append(Remark(origin: service.origin, text: remark))
        }
        service.checks = checks
        return service
    }

    // MARK: - Directives

    private mutating func take(_ directive: LdirectordFile.Directive) {
        let value = directive.value
        let unquoted = LdirectordCheck.unquoted(value)
        switch directive.key {
        case "scheduler": service.scheduler = value
        case "schedflags": takeFlags(value)
        case "persistent":
            persist { $0.timeoutSeconds = Int(value) ?? $0.timeoutSeconds }
        case "netmask":
            // Without a time it does nothing there, either.
            if service.persistence != nil { persist { $0.netmask = value } }
            netmask = value
        case "ops": service.isOnePacket = value == "yes"
        case "protocol": break
        case "comment": service.note = unquoted
        case "servicename": service.title = unquoted
        case "quiescent": service.removesOnFailure = value != "yes"
        case "fallback", "fallback6": takeFallback(directive)
        case _ where check.take(directive.key, value): break
        default: remark(directive, LdirectordNotes.note(on: directive.key))
        }
    }

    private var netmask: String?

    private mutating func persist(_ change: (inout AdoptedPersistence) -> Void) {
        var value = service.persistence ?? AdoptedPersistence(timeoutSeconds: 360)
        value.netmask = value.netmask ?? netmask
        change(&value)
        service.persistence = value
    }

    private mutating func takeFlags(_ text: String) {
        for word in text.split(separator: ",") {
            switch word {
            case "sh-fallback", "mh-fallback", "flag-1": service.schedulerFlags.append("fallback")
            case "sh-port", "mh-port", "flag-2": service.schedulerFlags.append("port")
            default: break
            }
        }
    }

    private mutating func takeFallback(_ directive: LdirectordFile.Directive) {
        let words = directive.value.split { $0 == " " || $0 == "\t" }
        guard let first = words.first else { return remark(directive, "no server", isLoss: true) }
        let (host, port) = LdirectordNames.parts(first)
        do throws(LdirectordNames.Unknown) {
            var sorry = AdoptedMember(
                address: try names.address(host, family),
                port: try port.map { text throws(LdirectordNames.Unknown) in
                    try names.port(text, transport)
                } ?? service.port ?? 0, origin: directive.origin)
            sorry.forward = words.dropFirst().first.flatMap { Self.method($0) } ?? .direct
            service.sorry = sorry
        } catch {
            remark(directive, error.text, isLoss: true)
        }
    }

    private static func method(_ text: some StringProtocol) -> AdoptedForward? {
        switch String(text) {
        case "gate": .direct
        case "masq": .masq
        case "ipip": .tunnel(AdoptedTunnel())
        default: nil
        }
    }

    // MARK: - Real servers

    /// Takes `ADDRESS[->ADDRESS][:PORT] gate|masq|ipip [WEIGHT] ["REQUEST", "RECEIVE"] [l:N] [u:N]`.
    private mutating func takeReal(_ directive: LdirectordFile.Directive) {
        var rest = directive.value[...]
        let place = String(rest.prefix { $0 != " " && $0 != "\t" })
        rest = rest.dropFirst(place.count)
        let (hosts, port) = LdirectordNames.parts(place)
        let arrow = hosts.range(of: "->")
        let members: [AdoptedMember]
        do throws(LdirectordNames.Unknown) {
            let first = try names.address(
                arrow.map { hosts[..<$0.lowerBound] } ?? hosts[...], family)
            let last = try names.address(
                arrow.map { hosts[$0.upperBound...] } ?? hosts[...], family)
            let number =
                try port.map { text throws(LdirectordNames.Unknown) in
                    try names.port(text, nil)
                } ?? 0
            guard let range = AddressRange(from: first, through: last, most: Adopted.mostMembers)
            else { throw LdirectordNames.Unknown(text: "no range of servers") }
            members = range.addresses.map {
                AdoptedMember(address: $0, port: number, origin: directive.origin)
            }
        } catch {
            return remark(directive, error.text, isLoss: true)
        }
        let words = rest.prefix { $0 != "\"" }.split { $0 == " " || $0 == "\t" }
        guard let method = words.first.flatMap({ Self.method($0) }) else {
            return remark(directive, "gate, masq or ipip is missing", isLoss: true)
        }
        var strings: [Substring] = []
        if let quote = rest.firstIndex(of: "\"") {
            let pieces = rest[quote...].split(separator: "\"", omittingEmptySubsequences: false)
            strings = pieces.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            rest = pieces.last ?? ""
        }
        let bounds = (words + rest.split { $0 == " " || $0 == "\t" })
        for var member in members {
            member.forward = method
            member.weight = words.dropFirst().first.flatMap { Int($0) } ?? 1
            for word in bounds {
                if word.hasPrefix("u:") { member.upper = Int(word.dropFirst(2)) ?? 0 }
                if word.hasPrefix("l:") { member.lower = Int(word.dropFirst(2)) ?? 0 }
            }
            add(member, strings, directive)
        }
    }

    private mutating func add(
        _ member: AdoptedMember, _ strings: [Substring], _ directive: LdirectordFile.Directive
    ) {
        var member = member
        guard service.members.count < Adopted.mostMembers else {
            return remark(directive, "more servers than \(Adopted.mostMembers)", isLoss: true)
        }
        guard !service.members.contains(where: { $0.destination == member.destination }) else {
            return remark(
                directive, "\(member.destination) is in this service already", isLoss: true)
        }
        if strings.count == 2 {
            if check.requests.isEmpty && service.members.isEmpty {
                check.requests = strings.map(String.init)
            } else if check.requests != strings.map(String.init) {
                member.remarks.append(
                    Remark(
                        origin: member.origin,
                        text: "its own request is not sent; the check of the service holds"))
            }
        }
        service.members.append(member)
    }
}

extension String {
    fileprivate func range(of mark: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(mark) { return start..<index(start, offsetBy: mark.count) }
            start = index(after: start)
        }
        return nil
    }
}
