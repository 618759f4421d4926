// A check as a file declares it for a service, and what it is for each of its servers.

internal import Checks
internal import Daemon
internal import Protocol
internal import Settings
internal import Weighting

/// What was refused is reported, and makes no check.
struct DeclaredCheck {
    /// What is asked; ``check(of:)`` puts in what each server has of its own.
    private enum Question {
        case plain(Probe)
        case page(PageRequest, isHostGiven: Bool)
        case program(ProgramRequest)
    }

    private let type: CheckType
    private let question: Question
    private let address: Address?
    private let port: UInt16?
    private let timing: CheckTiming
    let place: Place

    init?(section: inout Section) {
        place = section.place
        let type = section.value(CheckKeys.type)
        let timing = Self.timing(in: &section, type: type)
        let port = section.value(CheckKeys.port)
        address = section.value(CheckKeys.address)
        // Without a type nobody knows which other keys belong to it.
        guard let type else { return nil }
        let question = Self.question(type, in: &section)
        guard let question, let timing else { return nil }
        self.type = type
        self.question = question
        self.timing = timing
        self.port = port.map(UInt16.init)
    }

    private static func timing(in section: inout Section, type: CheckType?) -> CheckTiming? {
        let interval = section.value(CheckKeys.interval)
        let timeout = section.found(CheckKeys.timeout)
        let rise = section.value(CheckKeys.rise)
        let fall = section.value(CheckKeys.fall)
        let jitter = section.found(CheckKeys.jitter)
        guard let interval, let rise, let fall, let jitter else { return nil }
        if let timeout, timeout.value > interval, let place = timeout.place {
            section.reporter.error(
                place, "the timeout is longer than the interval",
                remedy: "at most \(Quantity.text(seconds: interval)) is allowed here")
            return nil
        }
        if jitter.value > interval / 2, let place = jitter.place {
            section.reporter.error(
                place, "the jitter is longer than half of the interval",
                remedy: "at most \(Quantity.text(seconds: interval / 2)) is allowed here")
            return nil
        }
        let usual = min(type == .exec ? 10 : 0.9, interval * 0.9)
        return CheckTiming(
            intervalNanoseconds: Int64(interval * 1e9),
            timeoutNanoseconds: Int64((timeout?.value ?? usual) * 1e9),
            jitterNanoseconds: Int64(jitter.value * 1e9), rise: rise, fall: fall)
    }

    private static func question(_ type: CheckType, in section: inout Section) -> Question? {
        switch type {
        case .tcp: return .plain(.connect)
        case .icmp: return .plain(.ping)
        case .http, .https: return page(type, in: &section)
        case .smtp: return section.value(CheckKeys.hello).map { .plain(.smtp(.init(name: $0))) }
        case .udp:
            guard let send = section.value(CheckKeys.send) else { return nil }
            let expect = section.found(CheckKeys.expect)
            if expect == nil, section.keyPlace(CheckKeys.expect.entry) != nil { return nil }
            return .plain(
                .datagram(DatagramRequest(send: Array(send.utf8), expect: expect?.value)))
        case .dns: return dns(in: &section)
        case .exec: return program(in: &section)
        }
    }

    private static func dns(in section: inout Section) -> Question? {
        let name = section.value(CheckKeys.name)
        let record = section.value(CheckKeys.record)
        let code = section.value(CheckKeys.code)
        let answer = section.found(CheckKeys.answer)
        guard let name, let record, let code else { return nil }
        let bytes = answer.map { bytesOf($0.value) }
        if let answer, let place = answer.place {
            let fits =
                (record == .a && bytes?.count == 4) || (record == .aaaa && bytes?.count == 16)
            guard fits, code == .noError else {
                section.reporter.error(
                    place, "\(answer.value) cannot be the answer to this question",
                    remedy: "record: A has IPv4 addresses, and AAAA those of IPv6")
                return nil
            }
        }
        return .plain(
            .dns(DNSRequest(name: name, record: record, code: code, answer: bytes)))
    }

    private static func bytesOf(_ address: Address) -> [UInt8] {
        SocketAddress(host: "\(address)", port: 0)?.bytes ?? []
    }

    private static func page(_ type: CheckType, in section: inout Section) -> Question? {
        let path = section.value(CheckKeys.path)
        let method = section.value(CheckKeys.method)
        let host = section.value(CheckKeys.host)
        let statuses = section.value(CheckKeys.status)
        let pattern = section.found(CheckKeys.body)
        if pattern == nil, section.keyPlace(CheckKeys.body.entry) != nil { return nil }
        if let place = pattern?.place, method == "HEAD" {
            section.reporter.error(
                place, "an answer to HEAD has no body", remedy: "remove this line, or use GET")
        }
        var tls: TLSSettings?
        if type == .https {
            tls = CheckTLS.settings(in: &section, host: host)
            guard tls != nil else { return nil }
        }
        guard let path, let method, let statuses else { return nil }
        let request = PageRequest(
            method: method, path: path, host: host ?? "", statuses: statuses,
            pattern: pattern?.value, tls: tls, agent: "poise-master/\(Poise.version)")
        return .page(request, isHostGiven: host != nil)
    }

    private static func program(in section: inout Section) -> Question? {
        let command = section.value(CheckKeys.command)
        let user = section.found(CheckKeys.user)
        let unknown = section.value(CheckKeys.unknown)
        guard let command, let unknown, let path = command.first else { return nil }
        guard path.value.hasPrefix("/") else {
            section.reporter.error(
                path.place ?? section.place, "\"\(path.value)\" is no path of a program",
                remedy: "write the whole path, as in /usr/lib/nagios/plugins/check_tcp")
            return nil
        }
        var numbers: UserNumbers?
        if let user {
            numbers = Accounts.user(named: user.value)
            guard numbers != nil else {
                section.reporter.error(
                    user.place ?? section.place, "there is no user \"\(user.value)\"",
                    remedy: "adduser --system \(user.value), or write another one")
                return nil
            }
        }
        return .program(
            ProgramRequest(arguments: command.map(\.value), user: numbers, unknown: unknown))
    }

    /// What it is for one server; nothing after a report.
    func check(of member: DeclaredMember, reporter: Reporter) -> Check? {
        let port = port ?? member.destination.port
        guard port > 0 || !type.needsPort else {
            reporter.error(
                place, "this check has no port: \"\(member.name)\" keeps that of the packet",
                remedy: "write the port to ask with the key port:")
            return nil
        }
        let host = "\(address ?? member.destination.address)"
        // Which port a ping or a program goes to is nobody's business, so that it is not made twice.
        guard let target = SocketAddress(host: host, port: type.needsPort ? port : 0) else {
            return nil
        }
        return Check(probe(of: member, target, port: port), to: target, timing: timing)
    }

    private func probe(
        of member: DeclaredMember, _ target: SocketAddress, port: UInt16
    ) -> Probe {
        switch question {
        case .plain(let probe): return probe
        case .page(let request, let isHostGiven):
            guard !isHostGiven else { return .page(request) }
            return .page(request.asking(target, standardPort: type == .https ? 443 : 80))
        case .program(let request):
            return .program(
                request.replacing([
                    ("{address}", target.host), ("{port}", "\(port)"), ("{server}", member.name),
                ]))
        }
    }
}
