// What survives a restart, and best a boot: that HAProxy was told to drain this server.

internal import CLinux
internal import Daemon

/// A file that is there for as long as HAProxy may still hold our `drain`.
///
/// Its text does not matter. It is not brought to disk at once, for the kernel does that within
/// seconds, and a report waits for nothing.
struct DrainMark {
    let path: String
    private let log: Log

    init(path: String, log: Log) {
        self.path = path
        self.log = log
    }

    /// The mark of the agent check that answers at `address`.
    ///
    /// It is in the folder that the service manager keeps for the agent, or else in the run folder,
    /// which no boot leaves.
    init(
        of address: SocketAddress, runFolder: String, keptFolder: String? = Self.keptFolder,
        log: Log
    ) {
        var folder = runFolder
        if let keptFolder, access(keptFolder, W_OK) == 0 { folder = keptFolder }
        // Agents that share a host and a folder have an address each.
        self.init(path: "\(folder)/drained-\(address)", log: log)
    }

    /// What systemd.exec(5) calls the state directory; of several, the first is as good as any.
    private static var keptFolder: String? {
        guard let folders = getenv("STATE_DIRECTORY") else { return nil }
        return String(String(cString: folders).prefix { $0 != ":" })
    }

    var isSet: Bool { access(path, F_OK) == 0 }

    func set() {
        do throws(SystemError) {
            _ = try Descriptor(linux_open(path, O_WRONLY | O_CREAT, 0o600), "create \(path)")
        } catch {
            log.warning(
                "agent-check: \(error); a restart of the agent forgets that HAProxy drains")
        }
    }

    func clear() {
        guard unlink(path) != 0 else { return }
        let number = linux_errno()
        guard number != ENOENT else { return }
        let error = SystemError("remove \(path)", number: number)
        log.warning("agent-check: \(error); remove it yourself")
    }
}
