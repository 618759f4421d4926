// The checkers of keepalived.conf → checks of ours.

internal import IPVS
internal import Weighting

struct KeepalivedChecks {
    private(set) var checks: [AdoptedCheck] = []
    private(set) var remarks: [Remark] = []
    private let node: KeepalivedNode
    private let timing: KeepalivedTiming

    static let keywords: Set<String> = [
        "HTTP_GET", "SSL_GET", "TCP_CHECK", "SMTP_CHECK", "DNS_CHECK", "UDP_CHECK", "PING_CHECK",
        "MISC_CHECK", "BFD_CHECK", "FILE_CHECK",
    ]

    static func read(_ node: KeepalivedNode, timing: KeepalivedTiming) -> KeepalivedChecks {
        var reader = KeepalivedChecks(node: node, timing: timing.with(node.children))
        reader.read()
        return reader
    }

    private init(node: KeepalivedNode, timing: KeepalivedTiming) {
        self.node = node
        self.timing = timing
    }

    private mutating func read() {
        switch node.keyword {
        case "TCP_CHECK": add(plain("tcp"))
        case "PING_CHECK": add(plain("icmp"))
        case "HTTP_GET": pages("http")
        case "SSL_GET": pages("https")
        case "SMTP_CHECK": mail()
        case "DNS_CHECK": names()
        case "UDP_CHECK": datagrams()
        case "MISC_CHECK": program()
        case "BFD_CHECK":
            remark(node, "no check; BFD stays with keepalived, and a tcp or icmp check is near it")
        default:
            remark(node, "no check; an agent's `file` source reads such figures on the server")
        }
    }

    private mutating func remark(_ node: KeepalivedNode, _ text: String) {
        remarks.append(Remark(origin: node.origin, text: "\(node.text): \(text)"))
    }

    // MARK: - What all have

    /// A check with the words that every checker may have; what is unknown among the others is said.
    private mutating func plain(_ type: String, knows known: Set<String> = []) -> AdoptedCheck {
        var check = AdoptedCheck(type)
        let standardRetry = type == "dns" ? 3 : type == "exec" ? 0 : 1
        timing.set(on: &check, standardRetry: standardRetry)
        connect(&check, node.children, knows: known)
        return check
    }

    private mutating func connect(
        _ check: inout AdoptedCheck, _ nodes: [KeepalivedNode], knows known: Set<String> = []
    ) {
        for child in nodes {
            switch child.keyword {
            case "connect_ip":
                if let address = child.arguments.first.flatMap(Address.init) {
                    check.set("address", YAMLText("\(address)"))
                } else {
                    remark(child, "no address")
                }
            case "connect_port":
                if let port = child.arguments.first.flatMap({ UInt16($0) }), port > 0 {
                    check.set("port", YAMLText(plain: "\(port)"))
                } else {
                    remark(child, "no port")
                }
            case "bindto", "bind_to", "bind_if", "bind_port", "fwmark":
                remark(child, "checks go out as the routes of this host have it")
            case _ where KeepalivedTiming.keywords.contains(child.keyword): break
            case _ where known.contains(child.keyword): break
            default: remark(child, KeepalivedNotes.note(on: child.keyword))
            }
        }
    }

    private mutating func add(_ check: AdoptedCheck) { checks.append(check) }

    // MARK: - HTTP

    private mutating func pages(_ type: String) {
        let common = plain(
            type, knows: ["url", "virtualhost", "enable_sni", "sni_name", "fast_recovery"])
        for child in node.children where child.keyword == "fast_recovery" {
            remark(child, "not needed; every page is asked at its own interval")
        }
        let urls = node.children.filter { $0.keyword == "url" }
        if urls.isEmpty { add(page(common, nil)) }
        for url in urls { add(page(common, url)) }
    }

    private mutating func page(_ common: AdoptedCheck, _ url: KeepalivedNode?) -> AdoptedCheck {
        var check = common
        var host = timing.virtualHost
        var (pattern, isReversed, ignoresCase) = (String?.none, false, false)
        for child in url?.children ?? [] {
            let value = child.arguments.first
            switch child.keyword {
            case "path": check.set("path", value.map { YAMLText(page: $0) })
            case "status_code":
                check.set("status", YAMLText(child.arguments.joined(separator: ",")))
            case "virtualhost": host = value ?? host
            case "regex": pattern = value
            case "regex_no_match": isReversed = true
            case "regex_options":
                ignoresCase = child.arguments.contains("caseless")
                let others = child.arguments.filter { $0 != "caseless" }
                if !others.isEmpty {
                    remark(child, "of these options only caseless is taken")
                }
            case "digest":
                remark(
                    child, "the page's digest is not compared; say `body` with what it must hold")
            default: remark(child, KeepalivedNotes.note(on: child.keyword))
            }
        }
        check.set("host", host.map { YAMLText($0) })
        if let pattern, let url {
            if isReversed {
                remark(url, "regex_no_match: a page that must not hold something is not checked")
            } else {
                check.set("body", YAMLText(ignoresCase ? "(?i)\(pattern)" : pattern))
            }
        }
        guard check.type == "https" else { return check }
        // Keepalived looks at no certificate either.
        check.set("verify", YAMLText(plain: "false"))
        let words = node.children.filter { $0.keyword == "sni_name" }.compactMap(\.arguments.first)
        check.set("server_name", words.first.map { YAMLText($0) })
        return check
    }

    // MARK: - Mail, names, datagrams

    private mutating func mail() {
        var common = plain("smtp", knows: ["helo_name", "host"])
        for child in node.children where child.keyword == "helo_name" {
            common.set("hello", child.arguments.first.map { YAMLText($0) })
        }
        let hosts = node.children.filter { $0.keyword == "host" }
        if hosts.isEmpty { add(common) }
        for host in hosts {
            var check = common
            connect(&check, host.children)
            add(check)
        }
    }

    private mutating func names() {
        var check = plain("dns", knows: ["type", "name"])
        var (name, type) = (".", "SOA")
        for child in node.children {
            switch child.keyword {
            case "type": type = child.arguments.first ?? type
            case "name": name = child.arguments.first ?? name
            default: break
            }
        }
        check.set("name", YAMLText(name))
        check.set("record", YAMLText(type.uppercased()))
        add(check)
    }

    private mutating func datagrams() {
        let check = plain("udp", knows: ["require_reply"])
        for child in node.children where child.keyword == "require_reply" {
            remark(child, "say `expect` with what the reply must hold")
        }
        add(check)
    }

    // MARK: - Programs

    private mutating func program() {
        var check = plain("exec", knows: ["misc_path", "misc_dynamic", "user"])
        var isDynamic = false
        var words: [String] = []
        for child in node.children {
            switch child.keyword {
            case "misc_path": words = Self.words(child.arguments)
            case "misc_dynamic":
                isDynamic = true
                remark(child, "weights follow agents; see docs/agent.md for their sources")
            case "user":
                check.set("user", child.arguments.first.map { YAMLText($0) })
            default: break
            }
        }
        guard !words.isEmpty else { return remark(node, "no check; it names no program") }
        check.set("command", Exec.command(words, isDynamic ? .firstIsDown : .othersAreDown))
        add(check)
    }

    /// A path in quotes has its words inside, where single quotes keep blanks.
    private static func words(_ arguments: [String]) -> [String] {
        guard arguments.count == 1, let only = arguments.first else { return arguments }
        return KeepalivedWords.words(of: only).map(\.text)
    }
}

/// Programs that end otherwise than Nagios plugins do, as `exec` takes them.
enum Exec {
    enum Ending {
        /// 0 is up, everything else is down.
        case othersAreDown
        /// 1 is down, everything else is up: `misc_dynamic`.
        case firstIsDown
    }

    /// The program behind a shell that says 2, which is down in the words of plugins.
    ///
    /// 1 would be a warning. The words go to the shell as they are, so that it reads nothing of them.
    static func command(_ words: [String], _ ending: Ending) -> YAMLText {
        let script =
            switch ending {
            case .othersAreDown: "\"$@\" || exit 2"
            case .firstIsDown: "\"$@\"; test $? -ne 1 || exit 2"
            }
        return YAMLText(list: (["/bin/sh", "-c", script, "check"] + words).map { YAMLText($0) })
    }
}
