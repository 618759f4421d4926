// poise agent: who may report, by the files of public keys on this director.

internal import ArgumentParser
internal import Protocol
internal import Weighting

struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Lists, adds and removes agents, and changes their keys.",
        discussion: """
            The keys are the files NAME.pub in the master's folder of agents, a key a line, the \
            newest first. They are changed whole or not at all, also while the master is down; a \
            master that runs is told to read them.
            """,
        subcommands: [
            AgentListCommand.self, AgentAddCommand.self, AgentRemoveCommand.self,
            AgentRotateCommand.self,
        ])
}

/// Where the keys are; every subcommand takes it.
struct KeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The master's file, which names the folder of keys "
                + "(default: \(KeyFolder.standardConfiguration)).", valueName: "file"))
    var config = KeyFolder.standardConfiguration

    func folder() throws(Failure) -> KeyFolder { try KeyFolder(configuration: config) }

    /// What `listen.admin` of the file names; nothing where it cannot be read.
    var socket: String? {
        guard let text = try? TextFile.read(config) else { return nil }
        return MasterText(text, path: config).adminSocket
    }
}

/// A subcommand of `poise agent`.
protocol KeyVerb: Verb {
    var keys: KeyOptions { get }
}

extension KeyVerb {
    var configuredSocket: String? { keys.socket }
}

struct AgentAddCommand: KeyEdit {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Lets a new agent report.",
        discussion: "The key is what `poise-agent keygen` printed on that server.")

    @OptionGroup var connection: Connection
    @OptionGroup var keys: KeyOptions

    @Argument(help: "The server's name in services.d.")
    var name: String

    @Argument(help: ArgumentHelp("The agent's public key.", valueName: "poise-pk1-…"))
    var key: String

    func edit(_ folder: KeyFolder, _ session: Session) async throws(Failure) -> Edited {
        if let fault = NameRule.fault(of: name) {
            throw .usage("\(printable(fault.message)): \(fault.remedy)")
        }
        if let file = try folder.keys(of: name) {
            if let given = try? PublicKey(text: key), file.keys == [given] {
                return Edited(
                    text: "\(name) may report with \(given.short)… already, by "
                        + "\(printable(folder.file(of: name))).")
            }
            throw .files(
                "\(name) has a key already, in \(printable(folder.file(of: name))); to change it: "
                    + "poise agent rotate \(name) NEWKEY")
        }
        let key = try acceptable(key, for: name, in: folder)
        try TextFile.create(folder.file(of: name), "\(key.text)\n")
        return Edited(
            text: "\(name) may report with \(key.short)…, by "
                + "\(printable(folder.file(of: name))).")
    }

    /// A mistyped name is a good name, of no server; the master knows those that there are.
    func remark(_ session: Session) async -> String? {
        guard let snapshot = try? await session.master.snapshot(),
            snapshot.agents.contains(where: { $0.name == name && $0.lacksServer == true })
        else { return nil }
        return "no service has a server \"\(name)\", so its reports change no weight"
            + Names.advice(for: name, known: snapshot.serverNames)
            + ". Name it in services.d; or, when it is mistyped: poise agent rm \(name)"
    }
}

struct AgentRemoveCommand: KeyEdit {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Refuses an agent from now on.",
        discussion: "Its server keeps its weight, as with every silence.")

    @OptionGroup var connection: Connection
    @OptionGroup var keys: KeyOptions

    @Argument(help: "The agent's name.")
    var name: String

    func edit(_ folder: KeyFolder, _ session: Session) async throws(Failure) -> Edited {
        let known = try folder.names()
        // What is not in the list is no file of ours, whatever slashes it has.
        guard known.contains(name) else {
            guard try await isKnownToMaster(session) else {
                throw .unknownAgent(name, known: known)
            }
            return Edited(
                text: "\(printable(name)) has no key here already, and the master had not read "
                    + "that.", isRefusing: true)
        }
        let removed = try folder.keys(of: name)?.keys ?? []
        try TextFile.remove(folder.file(of: name))
        return Edited(
            text: "\(printable(name)) may not report any more."
                + removed.map { "\nRemoved: \($0.text)" }.joined(), isRefusing: true)
    }

    /// Whether the running master still takes the agent's reports, though its file is gone.
    private func isKnownToMaster(_ session: Session) async throws(Failure) -> Bool {
        do throws(Failure) {
            return try await session.master.snapshot().agents.contains { $0.name == name }
        } catch {
            guard error.isAbsence else { throw error }
            return false
        }
    }
}

/// The key of that text, when the master would take it.
func acceptable(
    _ text: String, for name: String, in folder: KeyFolder
) throws(Failure) -> PublicKey {
    let key: PublicKey
    do throws(KeyTextError) {
        key = try PublicKey(text: text)
    } catch {
        throw .usage("\(error)")
    }
    // The master's own key does not matter: such a key agrees with none.
    guard SessionKeys(master: SecretKey.generate(), agent: key) != nil else {
        throw .refusedKey("\(RosterError.unacceptableKey(agent: name, key: key))")
    }
    if let other = try folder.holder(of: key) {
        throw .refusedKey("\(RosterError.sameKey(agent: name, other: other))")
    }
    return key
}
