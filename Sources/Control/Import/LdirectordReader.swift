// ldirectord.cf → services.

internal import IPVS
internal import Weighting

struct LdirectordReader {
    private(set) var adopted = Adopted()
    private let names: LdirectordNames
    private var globals: [String: LdirectordFile.Directive] = [:]
    private var seen: [ServiceKey: Origin] = [:]

    static func read(
        _ path: String, files: ImportFiles, hosts: HostsFile
    ) throws(Failure) -> Adopted {
        guard let text = try files.read(path) else {
            throw .files("there is no \(printable(path))")
        }
        let ports = try files.read("/etc/services") ?? ""
        return read(text, path: path, names: LdirectordNames(hosts: hosts, services: ports))
    }

    static func read(_ text: String, path: String, names: LdirectordNames) -> Adopted {
        let file = LdirectordFile(text, path: path)
        var reader = LdirectordReader(names: names)
        reader.adopted.remarks = file.remarks
        for directive in file.globals { reader.take(directive) }
        for section in file.sections { reader.take(section) }
        return reader.adopted
    }

    private init(names: LdirectordNames) { self.names = names }

    /// Directives that hold for every service that does not say otherwise.
    private static let inherited: Set<String> = [
        "checktimeout", "negotiatetimeout", "checkinterval", "checkcount", "failurecount",
        "quiescent", "fallback", "fallback6", "fallbackcommand",
    ]

    private mutating func take(_ directive: LdirectordFile.Directive) {
        if Self.inherited.contains(directive.key) {
            globals[directive.key] = directive
        } else {
            let note = LdirectordNotes.note(on: directive.key)
            adopted.remarks.append(
                Remark(origin: directive.origin, text: "\(directive.text): \(note)"))
        }
    }

    private mutating func take(_ section: LdirectordFile.Section) {
        func lose(_ text: String) {
            adopted.remarks.append(
                Remark(origin: section.head.origin, text: text, isLoss: true))
        }
        let transport = LdirectordService.transport(of: section)
        let key: ServiceKey
        do throws(LdirectordNames.Unknown) {
            key = try names.service(section.head, transport)
        } catch {
            return lose("\(section.head.text): \(error.text)")
        }
        if let first = seen[key] {
            return lose("\(key) is at \(first) already; only the first is taken")
        }
        guard adopted.services.count < Adopted.mostServices else {
            return lose("more services than \(Adopted.mostServices)")
        }
        seen[key] = section.head.origin
        adopted.services.append(
            LdirectordService.read(section, key: key, globals: globals, names: names))
    }
}

/// What to say of directives that have no counterpart.
enum LdirectordNotes {
    static func note(on key: String) -> String { known[key] ?? "not known" }

    private static let mail = "no mail is sent; `poise events --follow` tells it"
    private static let known = [
        "autoreload": "`systemctl reload poise-master` reads the files again",
        "callback": "no program is run; see `systemctl reload poise-master`",
        "logfile": "the log is the journal: journalctl -u poise-master",
        "supervised": "not needed; the unit runs the master in the foreground",
        "fork": "not needed; checks do not wait for one another",
        "execute": "start it with a unit of its own",
        "cleanstop": "a stop leaves the table as it is, as with cleanstop=no",
        "readdquiescent": "a server comes back with its connections",
        "maintenancedir":
            "`poise drain SERVER` in its place, or /run/poise/maintenance of its agent",
        "emailalert": mail, "emailalertfrom": mail, "emailalertfreq": mail,
        "emailalertstatus": mail, "smtp": mail, "monitorfile": "`poise events` has it",
        "fallbackcommand": "no program is run; `poise events --follow` tells it",
        "load": "never used by ldirectord either",
        "login": "name it among the words of the check's command",
        "passwd": "name it among the words of the check's command",
        "database": "name it among the words of the check's command",
        "secret": "name it among the words of the check's command",
    ]
}
