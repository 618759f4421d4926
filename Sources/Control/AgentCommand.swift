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

struct AgentAddCommand: KeyVerb {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Lets a new agent report.",
        discussion: "The key is what `poise-agent keygen` printed on that server.")

    @OptionGroup var connection: Connection
    @OptionGroup var keys: KeyOptions

    @Argument(help: "The server's name in services.d.")
    var name: String

    @Argument(help: ArgumentHelp("The agent's public key.", valueName: "poise-pk1-…"))
    var key: String

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        if let fault = NameRule.fault(of: name) {
            throw .usage("\(printable(fault.message)): \(fault.remedy)")
        }
        let folder = try keys.folder()
        if let file = try folder.keys(of: name) {
            if let given = try? PublicKey(text: key), file.keys == [given] {
                return await session.reloaded(
                    after: "\(name) may report with \(given.short)… already, by "
                        + "\(printable(folder.file(of: name))).")
            }
            throw .files(
                "\(name) has a key already, in \(printable(folder.file(of: name))); to change it: "
                    + "poise agent rotate \(name) NEWKEY")
        }
        let key = try acceptable(key, for: name, in: folder)
        try TextFile.create(folder.file(of: name), "\(key.text)\n")
        return await session.reloaded(
            after: "\(name) may report with \(key.short)…, by "
                + "\(printable(folder.file(of: name))).")
    }
}

struct AgentRemoveCommand: KeyVerb {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Refuses an agent from now on.",
        discussion: "Its server keeps its weight, as with every silence.")

    @OptionGroup var connection: Connection
    @OptionGroup var keys: KeyOptions

    @Argument(help: "The agent's name.")
    var name: String

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let folder = try keys.folder()
        let known = try folder.names()
        // What is not in the list is no file of ours, whatever slashes it has.
        guard known.contains(name) else {
            guard NameRule.fault(of: name) == nil else { throw .unknownAgent(name, known: known) }
            return await session.reloaded(
                after: "\(name) has no key here already, so there is nothing to remove; others have"
                    + "\(Names.advice(for: name, known: known)).", refusing: true)
        }
        let removed = try folder.keys(of: name)?.keys ?? []
        try TextFile.remove(folder.file(of: name))
        return await session.reloaded(
            after: "\(printable(name)) may not report any more."
                + removed.map { "\nRemoved: \($0.text)" }.joined(), refusing: true)
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

extension Session {
    /// What was done, and whether the running master took it.
    ///
    /// `refusing` says that a key was taken away: a master that did not read the files still takes
    /// it.
    func reloaded(after done: String, refusing: Bool = false) async -> Outcome {
        let warning = refusing ? "The key may still be in force. " : ""
        do {
            guard let refused = try await master.reload().refused else {
                return Outcome(output: "\(done)\nThe master has read it.\n")
            }
            return Outcome(
                output: "\(done)\n",
                complaint:
                    "poise: the master has not taken it: \(printable(refused)). \(warning)See "
                    + "`poise check`; then: systemctl reload poise-master\n",
                status: .configurationInvalid)
        } catch .unreachable(_, .noSuchFile), .unreachable(_, .nobodyListens) {
            return Outcome(
                output: "\(done)\nNo master answers on \(printable(master.socket)); it reads this "
                    + "when it starts. If one runs: systemctl reload poise-master\n")
        } catch {
            return Outcome(
                output: "\(done)\n",
                complaint: error.outcome.complaint
                    + "poise: nobody knows whether the master has read it. \(warning)Tell it by: "
                    + "systemctl reload poise-master\n",
                status: .masterUnreachable)
        }
    }
}
