// The agent's own key: made once, read at each start.

internal import Daemon
internal import Protocol

/// The key file of this agent.
enum Key {
    /// Makes a key and prints its public half for the master's `agents/NAME.pub`.
    static func generate(at path: String) -> ExitCode {
        let key = SecretKey.generate()
        do throws(KeyFileError) {
            try KeyFile.write(key.text + "\n", to: path)
        } catch {
            Output.error("poise-agent: \(error)\n")
            return .failed
        }
        return Output.text(key.publicKey.text + "\n") ? .done : .failed
    }

    /// The key; `nil` when what is wrong with its file was told.
    static func load(_ path: String) -> SecretKey? {
        do throws(KeyFileError) {
            let text = try KeyFile.read(path)
            do throws(KeyTextError) {
                return try SecretKey(text: text)
            } catch {
                Output.error("poise-agent: \(path): \(error)\n")
            }
        } catch {
            Output.error("poise-agent: \(error)\n")
            if case .system = error {
                Output.error("  make a key with: poise-agent keygen \(path)\n")
            }
        }
        return nil
    }
}

extension SessionError {
    /// What the operator is to mend in the keys for one master.
    var letter: String {
        switch self {
        case .agentKeys(let count): "\(count) keys of this agent are too few or too many"
        case .masterKeys(let count): "\(count) public keys of a master are too few or too many"
        case .sameKey(let key): "the key \(key) is there twice; remove one of the two"
        case .unacceptableKey(let key):
            "no private key belongs to the public key \(key); copy it from the master again"
        }
    }
}
