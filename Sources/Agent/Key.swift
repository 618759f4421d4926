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
