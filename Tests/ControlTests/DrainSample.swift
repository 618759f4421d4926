// A service with drains, for the screens; apart, since Protocol has an Outcome of its own.

import Protocol

@testable import Control
@testable import Weighting

extension Sample {
    /// A member that drains, one that may not, and one that comes back.
    static let draining: Snapshot.Service = {
        func member(
            _ server: String, weight: Int, _ state: String, _ why: Verdict.Reason
        ) -> Snapshot.Member {
            .init(
                server: server, destination: "10.0.0.1\(server.dropFirst()):80", weight: weight,
                wanted: weight, activeConnections: 3, inactiveConnections: 1,
                reportAgeSeconds: 0.26, state: state,
                reason: .init(code: why.code, text: why.text), chain: nil, failure: nil)
        }
        let file = DrainCause(state: .draining, reason: .maintenanceFile)
        let down = DrainCause(state: .down, reason: .notListening)
        return Snapshot.Service(
            name: "web", key: "10.0.0.100:80/tcp", scheduler: "sed", hold: nil,
            members: [
                member("r1", weight: 0, "draining", .drains(file)),
                member("r2", weight: 1000, "down", .holds(.lastOnes(down))),
                member("r3", weight: 1000, "up", .returns(nil)),
            ])
    }()
}
