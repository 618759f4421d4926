// What the tests of poise share: a snapshot whose numbers the law computed, and golden files.

import Foundation
import Testing

@testable import Control
@testable import Weighting

enum Sample {
    static let snapshot = Snapshot(
        master: .init(
            version: "0.1.0", uptimeSeconds: 90, decisions: 180, writes: 12, dryRun: false,
            table: "kernel", trouble: nil),
        services: [web, dns], agents: [], refusals: [:])

    /// Four members of which two follow load, one waits for its write, and one is stale.
    static let web: Snapshot.Service = {
        let chains = law.chains(
            [
                input(requests: 40, errors: 0, utilisation: 0.5, load: 0.5, prior: 78, share: 1.02),
                input(
                    requests: 61, errors: 1, utilisation: 0.74, load: 0.8, prior: 80, share: 0.98),
                input(requests: 12, errors: 0, utilisation: 0.99, load: 1.6, prior: 20, share: 1.5),
            ], shareToGive: 3)
        let stale = Snapshot.Reason(code: Hold.stale.code, text: Hold.stale.text)
        let follows = Verdict.Reason.follows
        let near = Verdict.Reason.withinDeadband
        return Snapshot.Service(
            name: "web", key: "10.0.0.100:80/tcp", scheduler: "sed", hold: nil,
            members: [
                member("r1", 11, weight: chains[0].weight + 9, chains[0], near, active: 12),
                member("r2", 12, weight: chains[1].weight, chains[1], follows, active: 3),
                member(
                    "r3", 13, weight: 1500, chains[2], follows, active: 140,
                    failure: "the kernel refused the weight: Invalid argument (errno 22)"),
                .init(
                    server: "r4", destination: "10.0.0.14:80", weight: 1000, wanted: 1000,
                    activeConnections: 0, inactiveConnections: 2, reportAgeSeconds: 61.04,
                    state: "up", reason: stale, chain: nil, failure: nil),
            ])
    }()

    static let dns: Snapshot.Service = {
        let hold = Snapshot.Reason(code: Hold.serviceAbsent.code, text: Hold.serviceAbsent.text)
        let absent = Verdict.Reason.absent
        return Snapshot.Service(
            name: "dns", key: "fwmark:7", scheduler: nil, hold: hold,
            members: [
                .init(
                    server: "r1", destination: "[fd00::11]:53", weight: nil, wanted: nil,
                    activeConnections: nil, inactiveConnections: nil, reportAgeSeconds: nil,
                    state: nil, reason: .init(code: absent.code, text: absent.text), chain: nil,
                    failure: nil)
            ])
    }()

    static let law = Law(policy: Policy(), meanWeight: 1000, elapsedSeconds: 0.5)

    static func input(
        requests: Double, errors: Double, utilisation: Double, load: Double, prior: Double,
        share: Double
    ) -> Law.Input {
        Law.Input(
            rates: Rates(requests: requests, errors: errors, utilisation: utilisation, load: load),
            prior: prior, previousShare: share)
    }

    static func member(
        _ server: String, _ host: Int, weight: Int?, _ chain: Chain, _ reason: Verdict.Reason,
        active: Int = 0, failure: String? = nil
    ) -> Snapshot.Member {
        Snapshot.Member(
            server: server, destination: "10.0.0.\(host):80", weight: weight, wanted: chain.weight,
            activeConnections: active, inactiveConnections: 40, reportAgeSeconds: 0.26, state: "up",
            reason: .init(code: reason.code, text: reason.text), chain: chain, failure: failure)
    }
}

/// Runs poise against a master that answers with `answers`, by path, and to nothing else.
///
/// What is posted is answered by the answer of "POST" and the path; `heard` hears of it.
func poise(
    _ arguments: [String], isTerminal: Bool = false, environment: [String: String] = [:],
    answers: [String: any Encodable & Sendable] = [AdminAPI.snapshotPath: Sample.snapshot],
    absence: Failure.Reason = .noSuchFile,
    heard: @escaping @Sendable (_ body: String) -> Void = { _ in },
    pause: @escaping @Sendable (_ seconds: Double) async -> Void = { _ in }
) async -> Outcome {
    await CommandLineRun(
        environment: { environment[$0] }, isTerminal: isTerminal,
        fetch: { (socket, method, path, body) throws(Failure) in
            if method == .post { heard(String(decoding: body, as: UTF8.self)) }
            let isReload = path == AdminAPI.reloadPath
            guard !isReload || method == .post else {
                throw .refused(socket: socket, path: path, status: 405, text: method.rawValue)
            }
            let name = method == .post && !isReload ? "POST \(path)" : path
            guard let answer = answers[name], let data = try? JSONEncoder().encode(answer) else {
                throw .unreachable(socket: socket, absence)
            }
            return [UInt8](data)
        }, pause: pause
    ).run(arguments)
}

/// Compares with a file of Golden/; UPDATE_GOLDEN=1 writes it anew.
func expectGolden(_ name: String, _ text: String) throws {
    let golden = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Golden/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
        try FileManager.default.createDirectory(
            at: golden.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: golden)
    }
    #expect(try text == String(contentsOf: golden, encoding: .utf8), "\(name) differs")
}
