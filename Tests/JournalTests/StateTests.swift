// What is known can be written, all of it: no value of it is of a type that a journal does not hold.

import Foundation
import Protocol
import Testing

@testable import Journal
@testable import Weighting

@Suite struct StateTests {
    private struct Odd<Value: Codable>: Codable {
        var value: Value
    }

    private enum Choice: Codable {
        case plain
        case odd(Float)
    }

    private func bytes(of value: some Encodable) throws -> [UInt8] {
        let sink = StateSink(ByteWriter(), limit: .max) { _ in }
        try sink.put(value)
        return sink.writer.bytes
    }

    @Test func `a type that no journal holds is refused with its name, wherever it stands`() throws
    {
        let float = JournalError.unknownType("Float")
        #expect(throws: float) { try bytes(of: Float(1)) }
        #expect(throws: float) { try bytes(of: Odd(value: Float(1))) }
        #expect(throws: float) { try bytes(of: Odd(value: Float?(1))) }
        #expect(throws: float) { try bytes(of: [Odd(value: [Float(1)])]) }
        #expect(throws: float) { try bytes(of: ["a": Float(1)]) }
        #expect(throws: float) { try bytes(of: Choice.odd(1)) }
        #expect(throws: (any Error).self) { try bytes(of: Odd(value: Int128(1))) }
        #expect(float.text.contains("Float"))
        _ = try bytes(of: Choice.plain)
        #expect(throws: float) { try StateSource(ByteReader([1])).get(Odd<Float>.self) }
    }

    @Test func `every optional and every case of what is known is in use, and can be written`()
        throws
    {
        var uses = Uses()
        for seed in 1...4 as ClosedRange<UInt64> {
            var run = RandomRun(seed: seed)
            uses.look(at: run.balancer)
            for index in 0..<60 {
                _ = run.advance(index < 10 ? 1 : 29)
                uses.look(at: run.balancer)
                var writer = RecordWriter()
                try writer.checkpoint(
                    run.balancer,
                    Checkpoint.Moment(release: "0", at: run.now, unixNanoseconds: 0)
                ) { _ in }
            }
        }
        // Whoever adds something to what is known has RandomRun make use of it.
        #expect(uses.unused == [])
        #expect(uses.cases["Zero"] == ["unseen", "none", "found", "foreign", "ours", "claimed"])
        #expect(uses.cases["Unit"] == ["requests", "connections"])
        #expect(uses.cases["HostState"]?.count ?? 0 >= 4)
    }
}

extension StateTests {
    @Test func `what is stored has the shape that belongs to the form's version`() throws {
        var shape = Shape()
        for seed in 1...4 as ClosedRange<UInt64> {
            var run = RandomRun(seed: seed)
            for _ in 0..<20 {
                _ = run.advance(30)
                shape.look(at: run.balancer)
            }
        }
        let version = try #require(SegmentForm.head.last)
        let text = shape.names.sorted().joined(separator: "\n") + "\n"
        // Fields go by their order. Whoever changes them raises the version in SegmentForm, or a
        // journal of before would be read as what it is not.
        let golden = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/state-\(version).txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data(text.utf8).write(to: golden)
        }
        #expect(try text == String(contentsOf: golden, encoding: .utf8))
    }
}

/// The names of all stored properties, by their types.
private struct Shape {
    private(set) var names: Set<String> = []

    mutating func look(at value: Any) {
        let mirror = Mirror(reflecting: value)
        for child in mirror.children {
            if mirror.displayStyle == .struct, let label = child.label {
                names.insert("\(mirror.subjectType).\(label): \(type(of: child.value))")
            }
            look(at: child.value)
        }
    }
}

/// Which optionals ever held something, and which cases enumerations ever had.
private struct Uses {
    private var optionals: [String: Bool] = [:]
    private(set) var cases: [String: Set<String>] = [:]

    var unused: [String] { optionals.filter { !$0.value }.map(\.key).sorted() }

    mutating func look(at value: Any) {
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .enum {
            let name = mirror.children.first?.label ?? "\(value)"
            cases["\(type(of: value))", default: []].insert(name)
        }
        for child in mirror.children {
            var value = child.value
            let inner = Mirror(reflecting: value)
            if inner.displayStyle == .optional {
                let name = "\(mirror.subjectType).\(child.label ?? "-")"
                optionals[name] = (optionals[name] ?? false) || !inner.children.isEmpty
                guard let held = inner.children.first?.value else { continue }
                value = held
            }
            look(at: value)
        }
    }
}
