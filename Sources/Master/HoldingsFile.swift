// The file made-services of the state folder: what in the kernel's table is ours, over restarts.

internal import Daemon
internal import Dispatch
internal import IPVS
internal import Settings
internal import Weighting

/// Read once, and written whole on a queue of its own whenever what it says changed.
final class HoldingsFile: Sendable {
    private let path: String
    private let queue = DispatchQueue(label: "made-services")
    private let failed: @Sendable (SystemError) -> Void

    static let name = "made-services"

    /// `failed` is called on the file's own queue.
    init(folder: String, failed: @escaping @Sendable (SystemError) -> Void) {
        path = Files.join(folder, Self.name)
        self.failed = failed
    }

    /// What it says; a line that is damaged is passed over, so that nothing of it is ever removed.
    func read() throws(FileError) -> (holdings: Holdings, damagedLines: Int) {
        let text: String
        do throws(FileError) {
            text = try Files.read(path)
        } catch {
            if error.isAbsent { return (Holdings(), 0) }
            throw error
        }
        var made: Set<ServiceKey> = []
        var members: [ServiceKey: Set<DestinationKey>] = [:]
        var damaged = 0
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ").map(String.init)
            switch (words.first, words.count) {
            case ("made", 2):
                if let key = ServiceKey(words[1]) { made.insert(key) } else { damaged += 1 }
            case ("members", 3...):
                let found = words[2...].compactMap { DestinationKey($0) }
                guard let key = ServiceKey(words[1]), found.count == words.count - 2 else {
                    damaged += 1
                    continue
                }
                members[key, default: []].formUnion(found)
            default: damaged += 1
            }
        }
        return (Holdings(made: made, members: members), damaged)
    }

    func write(_ holdings: Holdings) {
        queue.async { [path, failed] in
            do throws(SystemError) {
                Folder.make(Files.folder(of: path), mode: 0o750)
                try WholeFile.replace(path, Array(Self.text(holdings).utf8))
            } catch {
                failed(error)
            }
        }
    }

    /// Waits until everything is written.
    func finish() { queue.sync {} }

    private static let namesInLine = 50

    private static func text(_ holdings: Holdings) -> String {
        var lines = [
            "# Written by poise-master, which removes from the kernel's table only what stands here."
        ]
        lines += holdings.made.map { "made \($0)" }.sorted()
        lines += holdings.members.flatMap { service, members in
            let names = members.map { "\($0)" }.sorted()
            return stride(from: 0, to: names.count, by: namesInLine).map { start in
                let some = names[start..<min(start + namesInLine, names.count)]
                return "members \(service) \(some.joined(separator: " "))"
            }
        }.sorted()
        return lines.joined(separator: "\n") + "\n"
    }
}
