// A configuration on disk for one test: the good one, with some files replaced.

import Foundation
import Protocol
import Settings
import Testing

@testable import Master

/// A folder that is gone when the test is over.
final class ConfigurationFolder {
    let path: String
    private let files = FileManager.default

    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
    static let secretKey = SecretKey(bytes: Array(0..<32))

    /// The good configuration with the files of `overlay`, a folder beside it, in their places.
    init(overlay: URL? = nil) throws {
        let name = "poise-configuration-\(UUID().uuidString)"
        path = files.temporaryDirectory.appending(path: name).path
        try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        try copy(Self.tests.appending(path: "Good"))
        try overlay.map(copy)
        let key = try #require(Self.secretKey?.text)
        try write("master.key", key + "\n", mode: 0o400)
    }

    /// A file of the good configuration.
    static func good(_ name: String) throws -> String {
        try String(contentsOf: tests.appending(path: "Good/\(name)"), encoding: .utf8)
    }

    deinit { try? files.removeItem(atPath: path) }

    private func copy(_ folder: URL) throws {
        for name in try files.subpathsOfDirectory(atPath: folder.path) {
            let source = folder.appending(path: name)
            let isFolder = try source.resourceValues(forKeys: [.isDirectoryKey]).isDirectory
            if isFolder == true || name == "expected.txt" { continue }
            try write(name, String(contentsOf: source, encoding: .utf8))
        }
    }

    func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let file = URL(filePath: path).appending(path: name)
        try files.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? files.removeItem(at: file)
        try Data(text.utf8).write(to: file)
        try files.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }

    func remove(_ name: String) throws { try files.removeItem(atPath: "\(path)/\(name)") }

    func load() -> Configuration.Loaded { Configuration.load("\(path)/master.yaml") }

    /// The report as it would be in any folder.
    func report(_ loaded: Configuration.Loaded) -> String {
        loaded.problems.report.replacing("\(path)/", with: "")
    }
}
