// The folder that a benchmark's master and its agents take their keys and configuration from.

internal import Foundation
internal import Protocol

struct Ground {
    let folder: String

    /// Writes the configuration of a master with a table in memory, and the agents' private keys.
    func prepare(agents count: Int, port: Int) throws {
        let manager = FileManager.default
        for name in ["agents", "services.d"] {
            try manager.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        let master = SecretKey.generate()
        try write("master.key", master.text + "\n", mode: 0o600)
        try write(
            "master.yaml",
            """
            version: 1
            key: master.key
            agents: agents
            listen:
              reports: "127.0.0.1:\(port)"
              admin: \(folder)/admin.sock
            ipvs:
              manage: weights
              table: memory
            state: state
            journal:
              folder: journal

            """)
        let keys = (0..<count).map { _ in SecretKey.generate() }
        try write("agents.keys", keys.map { $0.text + "\n" }.joined(), mode: 0o600)
        for (index, key) in keys.enumerated() {
            try write("agents/\(name(index)).pub", key.publicKey.text + "\n")
        }
        var text = "services:\n"
        for (service, title) in Crowd.serviceNames(count: Crowd.servicesCount).enumerated() {
            text += "  \(title):\n    vip: 127.1.0.\(service):80/tcp\n    scheduler: sed\n"
            text += "    servers:\n"
            for index in 0..<count where Crowd.service(of: index) == service {
                let address = "10.\(index >> 16 & 255).\(index >> 8 & 255).\(index & 255)"
                // All equal and on the master's own scale, so that whatever it writes, it writes
                // because of what it heard.
                text += "      - {name: \(name(index)), address: \(address), capacity: 1000}\n"
            }
        }
        try write("services.d/all.yaml", text)
    }

    /// The private keys of the agents, in order, and the master's public one.
    func keys() throws -> (agents: [SecretKey], master: PublicKey) {
        let agents = try read("agents.keys").split(separator: "\n")
            .map { try SecretKey(text: String($0)) }
        return (agents, try SecretKey(text: read("master.key")).publicKey)
    }

    private func name(_ index: Int) -> String { "a\(index)" }

    private func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }

    private func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let path = "\(folder)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}
