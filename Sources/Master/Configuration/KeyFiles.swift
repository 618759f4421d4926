// The master's private keys and the agents' public ones, and whether they go together.

internal import Daemon
internal import Protocol
internal import Settings

/// Reads key files: lines with a key each; `#` begins a comment.
struct KeyFiles {
    let reporter: Reporter

    /// The master's private keys, of a file each, the newest first; those that were refused are
    /// reported and left out.
    func secretKeys(_ files: [Found<String>]) -> [SecretKey] { files.compactMap(secretKey) }

    private func secretKey(_ file: Found<String>) -> SecretKey? {
        let text: String
        do throws(KeyFileError) {
            text = try KeyFile.read(file.value)
        } catch {
            reportKeyFile(file, error)
            return nil
        }
        let source = SourceText(path: file.value, text: text, isConfidential: true)
        let keys = keys(in: source) { (text) throws(KeyTextError) in try SecretKey(text: text) }
        guard let keys else { return nil }
        guard keys.count == 1 else {
            reporter.error(
                path: file.value, "\(keys.count) private keys are in this file, and one is needed",
                remedy: "make one with: poise-master keygen FILE")
            return nil
        }
        return keys.first?.value
    }

    private func reportKeyFile(_ file: Found<String>, _ error: KeyFileError) {
        let remedy: String? =
            switch error {
            case .system: "make a key with: poise-master keygen \(file.value)"
            case .tooOpen: "anyone who reads it can invent reports"
            case .notAFile, .tooLong, .exists: nil
            }
        report(file, "\(error)", remedy: remedy)
    }

    /// All agents of a folder by name, and where their keys stand; `nil` when it was not read.
    func agents(_ folder: Found<String>) -> [AgentFile]? {
        let names: [String]
        do throws(FileError) {
            names = try Files.names(in: folder.value, matching: "*\(Self.ending)")
        } catch {
            report(
                folder, "the agents' keys: \(folder.value): \(error)",
                remedy: "make it, and put the public key of each agent there as NAME.pub")
            return nil
        }
        guard names.count <= ServicesKeys.mostServers else {
            reporter.error(
                path: folder.value, "\(names.count) keys are in this folder",
                remedy: "at most \(ServicesKeys.mostServers) are allowed")
            return nil
        }
        return names.map { agent(name: $0, folder: folder.value) }
    }

    private static let ending = ".pub"

    private func agent(name file: String, folder: String) -> AgentFile {
        let path = Files.join(folder, file)
        let name = String(file.dropLast(Self.ending.count))
        do throws(FileError) {
            // Not repeated in messages: now and then somebody copies the private key.
            let source = SourceText(path: path, text: try Files.read(path), isConfidential: true)
            let keys = keys(in: source) { (text) throws(KeyTextError) in
                try PublicKey(text: text)
            }
            return AgentFile(name: name, path: path, keys: keys)
        } catch {
            reporter.error(path: path, "\(error)")
            return AgentFile(name: name, path: path, keys: nil)
        }
    }

    /// The keys of a file with their places; `nil` after a report.
    private func keys<Key>(
        in source: SourceText, _ parse: (String) throws(KeyTextError) -> Key
    ) -> [Found<Key>]? {
        let errors = reporter.errorCount
        var keys: [Found<Key>] = []
        for (index, line) in source.lines.enumerated() {
            let text = String(line.prefix { $0 != "#" })
            guard let first = text.firstIndex(where: { !$0.isWhitespace }) else { continue }
            let column = text.distance(from: text.startIndex, to: first) + 1
            do throws(KeyTextError) {
                let place = source.place(line: index + 1, column: column)
                keys.append(Found(value: try parse(text), place: place))
            } catch {
                var column = column
                if case .badCharacter(_, let position) = error { column += position - 1 }
                let letter = Letter("\(error)")
                reporter.error(
                    source.place(line: index + 1, column: column), letter.message,
                    remedy: letter.remedy)
            }
        }
        return reporter.errorCount == errors ? keys : nil
    }

    private func report(_ file: Found<String>, _ message: String, remedy: String?) {
        if let place = file.place {
            reporter.error(place, message, remedy: remedy)
        } else {
            reporter.error(path: file.value, message, remedy: remedy)
        }
    }
}

/// The key file of one agent.
struct AgentFile {
    let name: String
    let path: String
    /// `nil` when the file was refused.
    let keys: [Found<PublicKey>]?
}

extension KeyFiles {
    /// Puts the keys together; those that do not go together are reported and left out.
    ///
    /// Keys that agreed in `known` need not do so again.
    func roster(
        secretKeys: [SecretKey], of master: String, agents: [AgentFile], reusing known: Roster?
    ) -> Roster? {
        let secretKeys = secretKeys.isEmpty ? [SecretKey.generate()] : secretKeys
        var agents = agents.filter { $0.keys != nil }
        // A roster stops at the first; each try takes one key agreement per agent.
        for _ in 0..<Self.mostClashes {
            let named = agents.map { (name: $0.name, publicKeys: $0.keys?.map(\.value) ?? []) }
            do throws(RosterError) {
                return try Roster(secretKeys: secretKeys, agents: named, reusing: known)
            } catch {
                guard let name = report(error, of: master, agents: agents) else { return nil }
                agents.removeAll { $0.name == name }
            }
        }
        return nil
    }

    private static let mostClashes = 20

    /// Returns the agent that the error is about, or `nil` when it is about the master.
    private func report(
        _ error: RosterError, of master: String, agents: [AgentFile]
    ) -> String? {
        let name: String
        var place: Place?
        var other: Place?
        let letter = Letter("\(error)")
        let file = { (name: String) in agents.first { $0.name == name } }
        switch error {
        case .masterKeys, .sameMasterKey, .sameName:
            reporter.error(path: master, letter.message, remedy: letter.remedy)
            return nil
        case .keyCount(let agent, _):
            name = agent
            place = file(agent)?.keys?.last?.place
        case .unacceptableKey(let agent, let key):
            name = agent
            place = file(agent)?.keys?.first { $0.value == key }?.place
        case .sameKey(let agent, let first), .sameLocator(let agent, let first):
            name = agent
            (place, other) = places(file(agent)?.keys ?? [], file(first)?.keys ?? [])
        }
        let citation = other.map { "The other is at \($0.citation)." }
        let sentences = [letter.remedy, citation].compactMap(\.self)
        let remedy = sentences.isEmpty ? nil : sentences.joined(separator: " ")
        if let place {
            reporter.error(place, letter.message, remedy: remedy)
        } else {
            reporter.error(path: file(name)?.path ?? name, letter.message, remedy: remedy)
        }
        return name
    }

    /// Where two lists of keys, or the halves of one, have the same key.
    private func places(
        _ keys: [Found<PublicKey>], _ others: [Found<PublicKey>]
    ) -> (Place?, Place?) {
        for key in keys.reversed() {
            let other = others.first { $0.value == key.value }
            guard let other, other.place?.citation != key.place?.citation else { continue }
            return (key.place, other.place)
        }
        return (keys.last?.place, others.first?.place)
    }
}

/// Sentences of another module in the form of a report: the first one is the message.
private struct Letter {
    let message: String
    let remedy: String?

    init(_ text: String) {
        let sentences = text.split(separator: ". ", maxSplits: 1)
        let first = sentences.first ?? ""
        let body = first.hasSuffix(".") ? first.dropLast() : first
        message = first.prefix(1).lowercased() + body.dropFirst()
        remedy = sentences.dropFirst().first.map(String.init)
    }
}
