// poise-master keygen: the master's own pair of keys.

internal import ArgumentParser
internal import Daemon
internal import Protocol

struct Keygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the master's private key and prints its public key.",
        discussion: """
            The private key goes to FILE with mode 0400; a file that exists is never replaced. \
            The public key is printed: every agent needs it in its configuration.
            """)

    @Argument(help: "Where the private key goes.")
    var file = "/etc/poise/master.key"

    func run() throws {
        let key = SecretKey.generate()
        do {
            try KeyFile.write("\(key.text)\n", to: file)
        } catch {
            Output.error("poise-master: \(error)\n")
            throw ExitCode.failure
        }
        Output.text("\(key.publicKey)\n")
    }
}
