// The checks of a service, as its file declares them.

internal import Checks
internal import Settings
internal import Weighting

/// The keys of a check.
enum CheckKeys {
    static let checks = Group(
        "services.NAME.checks",
        help: "What each server of the service is asked; one that fails a check gets weight 0.")
    static let type = Key<CheckType>(
        "services.NAME.checks.type", .checkType, .required,
        help: "What is asked: \(CheckType.allCases.map(\.rawValue).joined(separator: ", ")).")
    static let interval = Key<Double>(
        "services.NAME.checks.interval", .duration(0.1...3600), .standard("1s"),
        help: "From one run to the next.")
    static let timeout = Key<Double>(
        "services.NAME.checks.timeout", .duration(0.01...3600), .optional,
        help: "How long an answer may take, at most the interval. When left out 900ms, of exec "
            + "10s; at most nine tenths of the interval.")
    static let rise = Key<Int>(
        "services.NAME.checks.rise", .whole(1...100), .standard("2"),
        help: "So many passed in a row, and it is up.")
    static let fall = Key<Int>(
        "services.NAME.checks.fall", .whole(1...100), .standard("3"),
        help: "So many failed in a row, and it is down.")
    static let jitter = Key<Double>(
        "services.NAME.checks.jitter", .duration(0...1800), .standard("0s"),
        help: "How much earlier a run may begin, by chance; at most half of the interval.")
    static let port = Key<Int>(
        "services.NAME.checks.port", .whole(1...65535), .optional,
        help: "The port to ask, where it is not the server's.")
    static let address = Key<Address>(
        "services.NAME.checks.address", .address, .optional,
        help: "The address to ask, where it is not the server's: for all servers the same.")

    static let path = Key<String>(
        "services.NAME.checks.path", .urlPath, .standard("/"), help: "http, https: the page.")
    static let method = Key<String>(
        "services.NAME.checks.method",
        .word("method", ["GET": "GET", "HEAD": "HEAD", "OPTIONS": "OPTIONS"]), .standard("GET"),
        help: "http, https: GET, HEAD or OPTIONS.")
    static let host = Key<String>(
        "services.NAME.checks.host", .hostHeader, .optional,
        help: "http, https: the Host header; when left out the address and port.")
    static let status = Key<StatusRanges>(
        "services.NAME.checks.status", .statusRanges, .standard("200-299"),
        help: "http, https: good answers, as in 200-299,301.")
    static let body = Key<Pattern>(
        "services.NAME.checks.body", .pattern, .optional,
        help: "http, https: a regular expression that the first 64 KiB of the body have to match.")

    static let verify = Key<Bool>(
        "services.NAME.checks.verify", .word("truth value", ["true": true, "false": false]),
        .standard("true"),
        help: "https: whether the server's certificate has to be good.")
    static let authorities = Key<String>(
        "services.NAME.checks.ca", .path, .optional,
        help: "https: a file with the certificates that vouch; when left out the system's.")
    static let serverName = Key<String>(
        "services.NAME.checks.server_name", .hostName, .optional,
        help: "https: the name that is asked for and looked for in the certificate (SNI); when "
            + "left out that of `host`, if it is a name, else the certificate is to have the "
            + "address.")
    static let certificate = Key<String>(
        "services.NAME.checks.certificate", .path, .optional,
        help: "https: a file with the master's own certificate, where servers ask for one.")
    static let certificateKey = Key<String>(
        "services.NAME.checks.certificate_key", .path, .optional,
        help: "https: the file with its key.")

    static let name = Key<DNSName>(
        "services.NAME.checks.name", .dnsName, .required, help: "dns: the name to ask for.")
    static let record = Key<DNSRecord>(
        "services.NAME.checks.record", .dnsRecord, .standard("A"),
        help: "dns: the kind of record: "
            + "\(DNSRecord.allCases.map(\.name).joined(separator: " ")).")
    static let code = Key<DNSCode>(
        "services.NAME.checks.rcode", .dnsCode, .standard("NOERROR"),
        help: "dns: what the server has to say: "
            + "\(DNSCode.allCases.map(\.name).joined(separator: " ")).")
    static let answer = Key<Address>(
        "services.NAME.checks.answer", .address, .optional,
        help: "dns: an address that has to be among the answers.")

    static let send = Key<String>(
        "services.NAME.checks.send", .payload, .standard("\"\""),
        help: "udp: what to send; up to 512 bytes.")
    static let expect = Key<Pattern>(
        "services.NAME.checks.expect", .pattern, .optional,
        help: "udp: a regular expression that an answer has to match. Without it silence is good, "
            + "and only \"nothing listens there\" is bad.")

    static let hello = Key<String>(
        "services.NAME.checks.hello", .hostName, .standard("poise.invalid"),
        help: "smtp: the name that EHLO says.")

    static let command = Key<[Found<String>]>(
        "services.NAME.checks.command", .oneOrMore(.argument, most: 64), .required,
        help:
            "exec: a program of the monitoring plugins' contract, by its path, and its arguments; "
            + "{address}, {port} and {server} stand for those of the server.")
    static let user = Key<String>(
        "services.NAME.checks.user", .name, .optional,
        help: "exec: who runs it; when left out the master's own user, which may not be root.")
    static let unknown = Key<ProgramRequest.Unknown>(
        "services.NAME.checks.unknown",
        .word("meaning", ["down": .down, "up": .up, "hold": .hold]), .standard("down"),
        help: "exec: what status 3 means: down, up, or hold for no change.")

    /// All of them, in the order of the file.
    static let entries = [
        checks.entry, type.entry, interval.entry, timeout.entry, rise.entry, fall.entry,
        jitter.entry, port.entry, address.entry, path.entry, method.entry, host.entry,
        status.entry, body.entry, verify.entry, authorities.entry, serverName.entry,
        certificate.entry, certificateKey.entry, name.entry, record.entry, code.entry,
        answer.entry, send.entry, expect.entry, hello.entry, command.entry, user.entry,
        unknown.entry,
    ]

    static let most = 10
}

enum CheckType: String, CaseIterable, Sendable {
    case tcp, http, https, dns, udp, icmp, smtp, exec

    var needsPort: Bool { self != .icmp && self != .exec }
}
