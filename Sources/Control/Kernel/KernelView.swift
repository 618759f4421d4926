// How poise looks into the kernel of this host: by these questions, so that a test can answer them.

internal import Glibc
internal import IPVS
internal import Weighting

struct KernelView: Sendable {
    /// The whole table of IPVS, whosever it is.
    let facts: @Sendable () throws(Failure) -> KernelFacts
    /// The text of a file below /proc/sys.
    let setting: @Sendable (_ path: String) -> String?
    let hasInterface: @Sendable (_ name: String) -> Bool

    static let ofThisHost = KernelView(
        facts: { () throws(Failure) in
            let kernel = KernelTable()
            do throws(IPVSError) {
                return KernelFacts(
                    table: try kernel.read(try kernel.services()), timeouts: try kernel.timeouts(),
                    daemons: try kernel.daemons())
            } catch {
                throw .kernel("\(error)")
            }
        },
        setting: { path in
            guard let text = try? TextFile.read("/proc/sys/\(path)") else { return nil }
            return text
        },
        hasInterface: { name in if_nametoindex(name) != 0 })
}

/// What IPVS holds.
struct KernelFacts: Equatable, Sendable {
    var table = Table()
    var timeouts = Timeouts()
    var daemons: [SyncDaemon] = []
}
