// Our own tree, as git would commit it: what the tests of this folder read.

import Foundation

/// Something found in a file, written as an editor can jump to it.
struct Finding: Hashable, CustomStringConvertible {
    let path: String
    let line: Int
    let text: String

    var description: String { "\(path):\(line): \(text)" }
}

/// The files of the repository, by their path from its root.
struct Tree {
    let root: URL
    let paths: [String]

    static let ours = Result { try Tree() }

    private init() throws {
        // A checkout may be reached over a symbolic link; the tree is where the file really is.
        root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let listed = try run(
            "/usr/bin/env",
            // Some build services check out as another user than they test as.
            [
                "git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
                "--exclude-standard",
            ], in: root)
        guard listed.status == 0 else { throw Unlisted(output: listed.output) }
        let root = root
        paths = Set(listed.output.split(separator: "\0").map(String.init))
            .filter { FileManager.default.fileExists(atPath: root.appendingPathComponent($0).path) }
            .sorted()
    }

    struct Unlisted: Error { let output: String }

    func under(_ folder: String, suffix: String = "") -> [String] {
        paths.filter { $0.hasPrefix(folder) && $0.hasSuffix(suffix) }
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    /// The lines of a text file; none when it is not text.
    func lines(_ path: String) throws -> [String] {
        let bytes = try Data(contentsOf: root.appendingPathComponent(path))
        guard !bytes.contains(0), let text = String(data: bytes, encoding: .utf8) else { return [] }
        return text.components(separatedBy: "\n")
    }

    /// Each line that `fault` says something about.
    func findings(in paths: [String], _ fault: (String) -> String?) throws -> [Finding] {
        try paths.flatMap { path in
            try lines(path).enumerated().compactMap { index, line in
                fault(line).map { Finding(path: path, line: index + 1, text: $0) }
            }
        }
    }

    /// Like ``findings(in:_:)``, without the lines that are comments from their start.
    func codeFindings(in paths: [String], _ fault: (String) -> String?) throws -> [Finding] {
        try findings(in: paths) { line in
            line.drop { $0 == " " }.hasPrefix("//") ? nil : fault(line)
        }
    }
}

/// Runs a program to its end, with nothing on its standard input.
func run(_ program: String, _ arguments: [String], in folder: URL) throws -> (
    status: Int32, output: String
) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
