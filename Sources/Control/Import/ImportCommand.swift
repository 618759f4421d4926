// poise import: services of keepalived, ldirectord or ipvsadm as files of services.d.

internal import ArgumentParser
internal import Glibc
internal import Settings
internal import Weighting

struct ImportCommand: Act {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Writes the services of keepalived, ldirectord, ipvsadm or the kernel as ours.",
        discussion: """
            Prints a file for services.d; what has no counterpart becomes a comment with its file \
            and line. Changes nothing but the files of --output, and replaces none. Exit status: \
            0 done; 1 a service or a server could not be taken, or --verify found a difference, \
            which is said.
            docs/adoption.md leads through the change, and back.
            """)

    enum Source: String, ExpressibleByArgument, CaseIterable {
        case keepalived, ldirectord, ipvsadm
    }

    enum Manage: String, ExpressibleByArgument, CaseIterable {
        case weights, services
    }

    @Argument(help: "keepalived.conf, ldirectord.cf, or what ipvsadm-save -n printed.")
    var file: String?

    @Flag(help: "In place of a file: the table of this host's kernel, by whomever it was made.")
    var kernel = false

    @Flag(help: "Print where the file and the kernel differ, in place of writing anything.")
    var verify = false

    @Option(
        help: ArgumentHelp(
            "Whose file it is, where its name and its first lines do not tell.",
            valueName: "program"))
    var from: Source?

    @Option(
        help: ArgumentHelp(
            "services: all of it, for ipvs.manage: services. weights: names, addresses and "
                + "capacities only, for a master beside the program that keeps the services.",
            valueName: "what"))
    var manage = Manage.services

    @Option(help: ArgumentHelp("Write files there in place of printing.", valueName: "folder"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "A file like /etc/hosts: servers get their names from it, and names in ldirectord.cf "
                + "their addresses.", valueName: "file"))
    var hosts: String?

    @Option(
        help: ArgumentHelp(
            "With keepalived: whose lines with @ are read (default: this host's name, up to its "
                + "first dot).", valueName: "id"))
    var configID: String?

    func validate() throws {
        guard (file != nil) != kernel else {
            throw ValidationError("name a file, or say --kernel")
        }
        guard !(kernel && verify) else {
            throw ValidationError("--verify compares a file with the kernel")
        }
    }

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let files = session.files
        var names = HostsFile()
        if let hosts {
            guard let text = try files.read(hosts) else {
                throw .files("there is no \(printable(hosts))")
            }
            names = HostsFile(text)
        }
        let (taken, name) = try adopted(session, names)
        if verify { return try compared(taken, session) }
        var adopted = taken
        if manage == .services { adopted.fit() }
        let text = AdoptedText(
            adopted, names: AdoptedNames(adopted, hosts: names),
            scope: manage == .weights ? .weights : .services)
        return try outcome(adopted, text.files(), name)
    }

    /// What was read, and a name for the file that it becomes.
    private func adopted(
        _ session: Session, _ names: HostsFile
    ) throws(Failure) -> (Adopted, name: String) {
        let files = session.files
        guard let file else { return (Adopted(try session.kernel.facts()), "kernel") }
        let source: Source
        if let from { source = from } else { source = try Self.guess(file, files: files) }
        let adopted =
            switch source {
            case .keepalived:
                try KeepalivedReader.read(
                    file, files: files, configID: configID ?? Self.standardConfigID)
            case .ldirectord: try LdirectordReader.read(file, files: files, hosts: names)
            case .ipvsadm: try IpvsadmText.read(file, files: files)
            }
        return (adopted, source.rawValue)
    }

    private func compared(_ adopted: Adopted, _ session: Session) throws(Failure) -> Outcome {
        let comparison = KernelComparison(adopted, kernel: Adopted(try session.kernel.facts()))
        let isSame = comparison.differences.isEmpty && adopted.losses.isEmpty
        return Outcome(
            output: comparison.text, complaint: complaints(adopted),
            status: isSame ? .done : .failed)
    }

    private func outcome(
        _ adopted: Adopted, _ files: [String], _ name: String
    ) throws(Failure) -> Outcome {
        var outcome = Outcome()
        if let output {
            var paths: [String] = []
            for (index, text) in files.enumerated() {
                let number = index == 0 ? "" : "-\(index + 1)"
                let path = Files.join(output, "\(name)\(number).yaml")
                try TextFile.create(path, text)
                paths.append(path)
            }
            outcome.output = paths.map { "\(printable($0))\n" }.joined()
        } else {
            outcome.output = files.joined(separator: "\n")
        }
        outcome.complaint = complaints(adopted) + summary(adopted)
        if !adopted.losses.isEmpty { outcome.status = .failed }
        return outcome
    }

    /// What is missing, for standard error.
    private func complaints(_ adopted: Adopted) -> String {
        adopted.losses.prefix(Self.mostComplaints).map { remark in
            let place = remark.origin.map { "\($0): " } ?? ""
            return "\(printable("\(place)not taken: \(remark.text)"))\n"
        }.joined()
    }

    private static let mostComplaints = 100

    private func summary(_ adopted: Adopted) -> String {
        let members = adopted.services.reduce(0) { $0 + $1.members.count }
        let counts = [
            Problems.count(adopted.services.count, "service"), Problems.count(members, "server"),
            "\(Problems.count(adopted.allRemarks.count - adopted.losses.count, "comment")) on what "
                + "has no counterpart",
        ]
        let lost = adopted.losses.count
        return counts.joined(separator: ", ") + (lost > 0 ? ", \(lost) NOT TAKEN\n" : "\n")
    }

    // MARK: - Whose file it is

    private static func guess(_ path: String, files: ImportFiles) throws(Failure) -> Source {
        let name = TextFile.parts(of: path).name
        if name.contains("keepalived") { return .keepalived }
        if name.contains("ldirectord") { return .ldirectord }
        if name.contains("ipvsadm") { return .ipvsadm }
        guard let text = try files.read(path) else {
            throw .files("there is no \(printable(path))")
        }
        for line in TextFile.lines(of: text) {
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "=" }
            switch words.first {
            case "-A", "-a", "ipvsadm": return .ipvsadm
            case "virtual_server", "virtual_server_group", "global_defs", "vrrp_instance":
                return .keepalived
            case "virtual", "virtual6", "checkinterval", "checktimeout", "quiescent":
                return .ldirectord
            default: continue
            }
        }
        let known = Source.allCases.map(\.rawValue).joined(separator: ", ")
        throw .usage("whose file is \(printable(path))? Say --from and one of \(known)")
    }

    /// As keepalived takes it.
    private static var standardConfigID: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "" }
        let node = withUnsafeBytes(of: name.nodename) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return String(node.prefix { $0 != "." })
    }
}
