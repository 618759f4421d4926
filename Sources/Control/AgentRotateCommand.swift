// poise agent rotate: a new key beside the old one, until the agent has changed over.

internal import ArgumentParser
internal import Protocol
internal import Weighting

struct AgentRotateCommand: KeyEdit {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Changes an agent's key without a gap.",
        discussion: """
            First NAME NEWKEY on every director: both keys are taken then. When the agent reports \
            with the new one, which poise agent ls shows, NAME --finish refuses the old ones; \
            before that it does nothing and exits with 5, or with 4 when no master answers. \
            NAME --undo takes the newest back \
            instead.
            """)

    @OptionGroup var connection: Connection
    @OptionGroup var keys: KeyOptions

    @Argument(help: "The agent's name.")
    var name: String

    @Argument(help: ArgumentHelp("The agent's new public key.", valueName: "poise-pk1-…"))
    var key: String?

    @Flag(help: "Refuse every key but the newest.")
    var finish = false

    @Flag(help: "Refuse the newest key.")
    var undo = false

    @Flag(help: "With --finish: also when the agent does not report with the newest key.")
    var force = false

    func validate() throws {
        let count = (key == nil ? 0 : 1) + (finish ? 1 : 0) + (undo ? 1 : 0)
        guard count == 1 else {
            throw ValidationError("rotate takes NAME NEWKEY, NAME --finish or NAME --undo")
        }
        guard finish || !force else { throw ValidationError("--force goes with --finish only") }
    }

    func edit(_ folder: KeyFolder, _ session: Session) async throws(Failure) -> Edited {
        let known = try folder.names()
        guard known.contains(name), var file = try folder.keys(of: name), !file.keys.isEmpty else {
            throw .unknownAgent(name, known: known)
        }
        if let key { return try begin(key, &file, folder) }
        guard file.keys.count > 1 else {
            guard finish else {
                throw .files(
                    "\(name) has one key, so there is nothing to undo, and nothing was changed; to "
                        + "refuse that one too: poise agent rm \(name)")
            }
            return Edited(
                text: "\(name) may report with \(shorts(file.keys)) only already.",
                isRefusing: true)
        }
        if finish && !force {
            try await checkInUse(file.keys[0], by: session)
        }
        let removed = finish ? file.keys.dropFirst() : file.keys.prefix(1)
        if finish { file.keepNewest() } else { file.dropNewest() }
        try TextFile.replace(folder.file(of: name), file.text)
        return Edited(
            text: "\(name) may report with \(shorts(file.keys)) only; refused from now on:"
                + removed.map { "\n\($0.text)" }.joined(), isRefusing: true)
    }

    /// Both keys are taken afterwards.
    private func begin(
        _ text: String, _ file: inout AgentKeyFile, _ folder: KeyFolder
    ) throws(Failure) -> Edited {
        let older = file.keys
        if let given = try? PublicKey(text: text), older.first == given {
            return Edited(
                text: "\(given.short)… is the newest key of \(name) already: "
                    + "\(shorts(older)).")
        }
        let key = try acceptable(text, for: name, in: folder)
        guard older.count < AgentKeyFile.mostKeys else {
            throw .refusedKey(
                "\(name) has \(older.count) keys, which is all there may be: end the "
                    + "rotation before with poise agent rotate \(name) --finish")
        }
        file.add(key)
        try TextFile.replace(folder.file(of: name), file.text)
        return Edited(
            text: "\(name) may report with \(key.short)… and \(shorts(older)). When "
                + "it uses the new key: poise agent rotate \(name) --finish")
    }

    /// Throws unless the running master hears the agent with that key.
    private func checkInUse(_ newest: PublicKey, by session: Session) async throws(Failure) {
        let why: String
        var isAsked = true
        do throws(Failure) {
            let agents = try await session.master.snapshot().agents
            let inUse = agents.first { $0.name == name }?.keyInUse
            if inUse == newest.text { return }
            why =
                inUse.map { "it still reports with \(AgentList.short($0))…" }
                ?? "the master has not heard it with any of these keys"
        } catch {
            // Some letters end with a period, and this one goes on.
            why = error.text.last == "." ? String(error.text.dropLast()) : error.text
            if case .unreachable = error { isAsked = false }
        }
        let text =
            "the old keys of \(name) stay, for nothing shows that it reports with "
            + "\(newest.short)…: \(printable(why)). See poise agent ls; to refuse the old keys all "
            + "the same, with --force"
        throw isAsked ? .unsafe(text) : .unasked(text)
    }

    private func shorts(_ keys: [PublicKey]) -> String {
        keys.map { "\($0.short)…" }.joined(separator: " ")
    }
}
