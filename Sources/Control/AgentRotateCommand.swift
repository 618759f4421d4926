// poise agent rotate: a new key beside the old one, until the agent has changed over.

internal import ArgumentParser
internal import Protocol
internal import Weighting

struct AgentRotateCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Changes an agent's key without a gap.",
        discussion: """
            First NAME NEWKEY on every director: both keys are taken then. When the agent reports \
            with the new one, NAME --finish refuses the old ones; NAME --undo takes the newest \
            back instead.
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

    func validate() throws {
        let count = (key == nil ? 0 : 1) + (finish ? 1 : 0) + (undo ? 1 : 0)
        guard count == 1 else {
            throw ValidationError("rotate takes NAME NEWKEY, NAME --finish or NAME --undo")
        }
    }

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let folder = try keys.folder()
        let known = try folder.names()
        guard known.contains(name), var file = try folder.keys(of: name), !file.keys.isEmpty else {
            throw .unknownAgent(name, known: known)
        }
        let done: String
        if let key {
            let key = try acceptable(key, for: name, in: folder)
            guard file.keys.count < AgentKeyFile.mostKeys else {
                throw .refusedKey(
                    "\(name) has \(file.keys.count) keys, which is all there may be: end the "
                        + "rotation before with poise agent rotate \(name) --finish")
            }
            file.add(key)
            done =
                "\(name) may report with \(key.short)… and \(shorts(file.keys.dropFirst())). When "
                + "it uses the new key: poise agent rotate \(name) --finish"
        } else {
            guard file.keys.count > 1 else {
                throw .files("\(name) has one key, so there is nothing to end or to undo")
            }
            let dropped = finish ? file.keys.dropFirst() : file.keys.prefix(1)
            if finish { file.keepNewest() } else { file.dropNewest() }
            done =
                "\(name) may report with \(shorts(file.keys[...])) only; refused from now on: "
                + shorts(dropped)
        }
        try TextFile.replace(folder.file(of: name), file.text)
        return await session.reloaded(after: done)
    }

    private func shorts(_ keys: ArraySlice<PublicKey>) -> String {
        keys.map { "\($0.short)…" }.joined(separator: " ")
    }
}
