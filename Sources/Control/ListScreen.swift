// The table of `poise ls`: what ipvsadm -Ln shows, with names, what is wanted, and why.

internal import Weighting

/// The services and their members as text.
struct ListScreen {
    let snapshot: Snapshot
    let isWide: Bool
    let style: Style

    func text() -> String {
        let members = grid()
        var lines = snapshot.master.notes(style)
        guard !snapshot.services.isEmpty else {
            lines.append("No service is configured; name some in services.d/.")
            return lines.joined(separator: "\n") + "\n"
        }
        lines.append("Service Key Scheduler")
        lines.append(style.paint(members[0], .dim))
        var next = 1
        for service in snapshot.services {
            lines.append(header(service))
            for member in service.members {
                lines.append(paint(members[next], member))
                next += 1
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func header(_ service: Snapshot.Service) -> String {
        let name = style.paint(printable(service.name), .bold)
        let facts = "\(name) \(service.key) \(printable(service.scheduler ?? "-"))"
        let alarm = service.alarm.map { style.paint("  alarm: \(printable($0.text))", .red) } ?? ""
        guard let hold = service.hold else { return facts + alarm }
        return facts + style.paint("  holds: \(printable(hold.text))", .yellow) + alarm
    }

    private func paint(_ line: String, _ member: Snapshot.Member) -> String {
        if member.failure != nil || member.weight == nil { return style.paint(line, .red) }
        switch member.reason.code {
        case "follows", "within_deadband", "waits": return line
        default: return style.paint(line, .yellow)
        }
    }

    private func grid() -> [String] {
        let hasShadow = snapshot.services.contains { $0.shadow != nil }
        let hasChecks = snapshot.services.contains { $0.members.contains { $0.checks != nil } }
        let columns = Column.allCases.filter { column in
            switch column {
            case .shadow: isWide && hasShadow
            case .check: isWide && hasChecks
            default: isWide || !column.isWide
            }
        }
        var grid = Grid(alignments: columns.map(\.alignment), indent: "  -> ")
        grid.rows.append(columns.map(\.title))
        for member in snapshot.services.flatMap(\.members) {
            grid.rows.append(columns.map { printable($0.cell(member, isWide: isWide)) })
        }
        return grid.lines()
    }
}

/// The columns of a member's row, in order.
private enum Column: CaseIterable {
    case server, address, weight, wanted, active, inactive, utilisation, load, requests, capacity
    case share, shadow, age, state, check, why

    var isWide: Bool {
        switch self {
        case .load, .capacity, .share, .shadow, .check: true
        case .server, .address, .weight, .wanted, .active, .inactive, .utilisation, .requests, .age,
            .state, .why:
            false
        }
    }

    var title: String {
        switch self {
        case .server: "Server"
        case .address: "Address"
        case .weight: "Weight"
        case .wanted: "Wanted"
        case .active: "ActiveConn"
        case .inactive: "InActConn"
        case .utilisation: "Util"
        case .load: "Load"
        case .requests: "Req/s"
        case .capacity: "Capacity"
        case .share: "Share"
        case .shadow: "Shadow"
        case .age: "Age"
        case .state: "State"
        case .check: "Check"
        case .why: "Why"
        }
    }

    var alignment: Grid.Alignment {
        switch self {
        case .server, .address, .state, .check, .why: .left
        case .weight, .wanted, .active, .inactive, .utilisation, .load, .requests, .capacity,
            .share, .shadow, .age:
            .right
        }
    }

    func cell(_ member: Snapshot.Member, isWide: Bool) -> String {
        switch self {
        case .server: member.server
        case .address: member.destination
        case .weight: text(member.weight)
        case .wanted: text(member.wanted)
        case .active: text(member.activeConnections)
        case .inactive: text(member.inactiveConnections)
        case .utilisation:
            member.chain.map { Number.fixed($0.utilisation * 100, 0) + "%" } ?? "-"
        case .load: text(member.chain?.load, 2)
        case .requests: text(member.chain?.requestsPerSecond, 1)
        case .capacity: text(member.chain?.capacity, 1)
        case .share: text(member.chain?.limitedShare, 3)
        case .shadow: text(member.shadow?.weight)
        case .age: member.reportAgeSeconds.map { Number.fixed($0, 1) + "s" } ?? "-"
        case .state: member.state ?? "-"
        case .check: check(member)
        case .why: why(member, isWide: isWide)
        }
    }

    /// One that fails is worth a word before those that pass.
    private func check(_ member: Snapshot.Member) -> String {
        guard let checks = member.checks else { return "-" }
        guard let bad = checks.first(where: { $0.isUp == false }) else {
            return checks.contains { $0.isUp == nil } ? "?" : "up"
        }
        return "down: \(bad.name.prefix { $0 != " " })"
    }

    private func why(_ member: Snapshot.Member, isWide: Bool) -> String {
        let orders = (member.orders ?? []).map(\.text)
        let reason =
            isWide
            ? ([member.reason.text] + orders).joined(separator: "; ") : member.reason.code
        guard let failure = member.failure else { return reason }
        return "\(reason); the write failed" + (isWide ? ": \(failure)" : "")
    }

    private func text(_ value: Int?) -> String { value.map(String.init) ?? "-" }

    private func text(_ value: Double?, _ digits: Int) -> String {
        value.map { Number.fixed($0, digits) } ?? "-"
    }
}
