// poise policy preview: what a changed policy would make of the last minutes' reports.

internal import ArgumentParser
internal import FoundationEssentials
internal import Journal
internal import Settings
internal import Weighting

struct PolicyPreviewCommand: Act {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Shows what weights a changed policy would give to the servers as they are now.",
        discussion: """
            The newest recording of the master's journal is read, and its last minutes are gone \
            through with both policies, from the same weights on. The master is not asked, and \
            nothing is written. Services with a policy of their own keep it, unless --service \
            names them.
            """)

    @Argument(
        help: ArgumentHelp(
            "The changed policy's file; further files set knobs over those before.",
            valueName: "file"))
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "A service to preview, whatever policy it has; may be given again.",
            valueName: "service"))
    var service: [String] = []

    @Option(help: ArgumentHelp("How much of the recording's end to use.", valueName: "duration"))
    var last = "5min"

    @Option(
        help: ArgumentHelp(
            "The journal's folder (default: as the master's file says).", valueName: "folder"))
    var journal: String?

    @Option(
        help: ArgumentHelp(
            "The master's file (default: \(KeyFolder.standardConfiguration)).", valueName: "file"))
    var config = KeyFolder.standardConfiguration

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let policy = try PolicyReader().policy(files)
        let seconds = try lastSeconds()
        let folder = try folder()
        let recording = try NewestRecording(folder: folder, seconds: seconds)
        let preview = PolicyPreview(recording, policy: policy, services: Set(service))
        let unknown = service.first { !preview.serviceNames.contains($0) }
        if let unknown {
            throw .unknownService(unknown, known: preview.serviceNames.sorted())
        }
        let screen = PolicyPreviewScreen(
            preview, folder: folder,
            now: UInt64(clamping: Int(Date().timeIntervalSince1970)) * 1_000_000_000)
        let complaint = (recording.complaints + preview.complaints).map {
            "poise: \(printable($0))\n"
        }.joined()
        guard !preview.rows.isEmpty else {
            throw .files(
                "\(printable(folder)): no service of the recording has the common policy; name "
                    + "those to preview with --service")
        }
        switch output {
        case .json:
            return Outcome(
                output: try JSON.text(screen.document, isPretty: session.isTerminal),
                complaint: complaint)
        case .table, .wide:
            return Outcome(output: screen.text(), complaint: complaint)
        }
    }

    private func folder() throws(Failure) -> String {
        if let journal { return journal }
        return try JournalFolder(configuration: config).path
    }

    private func lastSeconds() throws(Failure) -> Double {
        do throws(Complaint) {
            let seconds = try Quantity.seconds(last)
            guard (1...86_400).contains(seconds) else {
                throw Complaint("it is out of range", remedy: "1s to 1440min is allowed")
            }
            return seconds
        } catch {
            throw .usage("--last \(printable(last)): \(error.message); \(error.remedy ?? "")")
        }
    }
}

/// Where the master's file says that the journal lies.
private struct JournalFolder {
    let path: String

    init(configuration: String) throws(Failure) {
        let reporter = Reporter()
        let tree = TreeFile.read(configuration, reporter: reporter)
        let key = JournalPlace.folderKey
        let named = tree?.value(of: JournalPlace.group.entry)?.value(of: key.entry)
        let found = named.map { key.reading.read($0, reporter) } ?? key.entry.standard
        guard let found, reporter.errorCount == 0 else {
            throw .invalid(reporter.problems.printableReport)
        }
        path = Files.join(Files.folder(of: configuration), found)
    }
}

extension Tree {
    /// What stands below a key, if this is a map and has it.
    fileprivate func value(of entry: KeyEntry) -> Tree? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key.text == entry.name }?.value
    }
}
