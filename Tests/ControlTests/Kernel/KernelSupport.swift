// A kernel that a test makes up, and calls of poise that see it.

import Foundation
import IPVS
import Weighting

@testable import Control

extension KernelView {
    /// Answers with `facts`, and with the settings by their names of sysctl(8).
    static func played(
        _ facts: KernelFacts?, settings: [String: Int] = [:], interfaces: Set<String> = []
    ) -> KernelView {
        KernelView(
            facts: { () throws(Failure) in
                guard let facts else {
                    throw .kernel("The kernel has no IPVS. Run `modprobe ip_vs`.")
                }
                return facts
            },
            setting: { path in
                settings[path.replacingOccurrences(of: "/", with: ".")].map { "\($0)\n" }
            },
            hasInterface: { interfaces.contains($0) })
    }
}

/// Runs poise in front of such a kernel; `snapshot` is what the master answers, if it does.
func poise(
    _ arguments: [String], before kernel: KernelView, snapshot: Snapshot? = nil,
    files: [String: String] = [:], answers: [String: [UInt8]] = [:]
) async -> Outcome {
    var run = CommandLineRun(
        environment: { _ in nil }, isTerminal: false,
        fetch: { (socket, _, path, _) throws(Failure) in
            if let answer = answers[path] { return answer }
            guard let snapshot, let data = try? JSONEncoder().encode(snapshot) else {
                throw .unreachable(socket: socket, .noSuchFile)
            }
            return [UInt8](data)
        }, pause: { _ in })
    run.kernel = kernel
    run.files = ImportFiles(read: { path in files[path] }, matching: { _ in [] })
    return await run.run(arguments)
}

extension Table.Service {
    /// A service of masqueraded servers 10.0.1.1, 10.0.1.2, … with these weights.
    static func of(
        _ key: String, _ scheduler: String, weights: [Int], setup: DestinationSetup = .init(),
        persistence: ServiceSetup.Persistence? = nil, flags: SchedulerFlags = []
    ) -> Table.Service {
        let service = ServiceKey(key) ?? .firewallMark(1, .v4)
        let whole = ServiceSetup(
            scheduler: Scheduler(name: scheduler), flags: flags, persistence: persistence)
        return Table.Service(
            key: service, scheduler: whole.scheduler, fallsBack: whole.fallsBack,
            destinations: weights.enumerated().map { place, weight in
                let address = Address.v4(0x0A00_0101 + UInt32(place))
                return Table.Destination(
                    key: DestinationKey(address: address, port: 80), weight: weight,
                    activeConnections: 10)
            }, setup: whole,
            details: weights.map { _ in Table.Detail(setup: setup) })
    }
}
