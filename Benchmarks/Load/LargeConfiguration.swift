// A large configuration on disk: thousands of members in a hundred files.

internal import Foundation
internal import Protocol

/// Services that a master makes, each with as many members, and keys for every server.
struct LargeConfiguration {
    let folder: String
    let services: Int
    let members: Int
    let table: String

    private static let filesCount = 100
    private static let serversCount = 1_000

    func write() throws {
        let manager = FileManager.default
        for name in ["agents", "services.d"] {
            try manager.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try write("master.key", SecretKey.generate().text + "\n", mode: 0o600)
        try write(
            "master.yaml",
            """
            version: 1
            listen:
              reports: "127.0.0.1:7817"
              admin: \(folder)/admin.sock
            ipvs:
              manage: services
              table: \(table)
            state: state
            journal:
              folder: journal

            """)
        for index in 0..<min(Self.serversCount, services * members) {
            try write("agents/r\(index).pub", SecretKey.generate().publicKey.text + "\n")
        }
        let names = Crowd.serviceNames(count: services)
        let files = min(Self.filesCount, services)
        for file in 0..<files {
            let places = stride(from: file, to: services, by: files)
            try write("services.d/\(file).yaml", text(of: Array(places), names))
        }
    }

    private func text(of places: [Int], _ names: [String]) -> String {
        var text = "services:\n"
        for place in places {
            text += """
                  \(names[place]):
                    vip: 10.9.\(place >> 8).\(place & 255):80/tcp
                    scheduler: wrr
                    forward: direct
                    servers:

                """
            for member in 0..<members {
                let server = (place * members + member) % Self.serversCount
                text += "      - {name: r\(server), address: 10.8.\(server >> 8).\(server & 255)}\n"
            }
        }
        return text
    }

    private func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let path = "\(folder)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}
