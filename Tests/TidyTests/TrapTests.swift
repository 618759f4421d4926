// No datagram can stop the process: what reads outside bytes holds nothing that traps.

import Testing

struct TrapTests {
    let tree: Tree

    init() throws { tree = try Tree.ours.get() }

    /// Every file that can read a datagram, for only a `RawSpan` brings one, and those that reckon
    /// with numbers out of datagrams.
    private func decoders() throws -> [String] {
        try tree.under("Sources/Protocol/", suffix: ".swift").filter { path in
            try Harmless.reckoning.contains(Self.name(path))
                || tree.lines(path).contains { Traps.code(of: $0).contains("RawSpan") }
        }
    }

    private static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    @Test func `the lint looks at the decoders`() throws {
        let names = Set(try decoders().map(Self.name))
        #expect(names.isSuperset(of: Harmless.reckoning))
        #expect(names.isSuperset(of: ["BigEndian.swift", "Header.swift", "Receiver.swift"]))
        #expect(names.isSuperset(of: ["ReportDecoder.swift", "AcknowledgementCodec.swift"]))
    }

    @Test func `nothing in the decoders can trap, but for parts that say why they do not`() throws {
        let unproven = try decoders().flatMap { path in
            let harmless = Harmless.parts[Self.name(path)]?.map(\.part) ?? []
            return try tree.codeFindings(in: [path]) { line in
                let found = Traps.found(in: line, without: harmless)
                return found.isEmpty ? nil : found.sorted().joined(separator: ", ") + ": " + line
            }
        }
        #expect(unproven == [])
    }

    @Test func `every part with a reason is still there, and would be found without it`() throws {
        let paths = try decoders()
        var stale: [String] = []
        for (name, parts) in Harmless.parts {
            let path = paths.first { Self.name($0) == name }
            let lines = try path.map(tree.lines) ?? []
            stale += parts.map(\.part).filter { part in
                !lines.contains { Traps.code(of: $0).contains(part) }
            }
        }
        #expect(stale == [])
    }

    @Test func `a part that is known to be harmless does not hide another in its line`() {
        let line = "take(slots[agent], bytes[offset])"
        #expect(Traps.found(in: line, without: ["slots[agent]"]) == ["subscript"])
        #expect(Traps.found(in: "take(slots[agent])", without: ["slots[agent]"]) == [])
    }

    @Test(arguments: [
        ("let first = body.first!", "force unwrap"),
        ("guard let size = sizes[type]!.value else { return }", "force unwrap"),
        ("let report = try! Report(body: body)", "force try"),
        ("let type = value as! UInt8", "force cast"),
        ("let type = bytes[0]", "subscript"),
        ("let type = bytes(of: body)[offset]", "subscript"),
        ("let value = body.extracting(start..<end)", "bounds"),
        ("let head = ids.removeFirst()", "bounds"),
        ("let end = start + length", "arithmetic"),
        ("    + length", "arithmetic"),
        ("sequence += 1", "arithmetic"),
        ("let age = -length", "arithmetic"),
        ("let share = busy / cores", "arithmetic"),
        ("let narrow = UInt8(length)", "conversion"),
        ("let all = start..<end", "range"),
        ("let all = 0...count", "range"),
        ("precondition(length > 0)", "stop"),
        ("fatalError(\"no such type\")", "stop"),
        ("let number = pointer.load(as: UInt32.self)", "memory"),
        ("unsafeLoadUnaligned(fromByteOffset: offset, as: type)", "memory"),
        ("let text = \"\\(bytes[0])\"", "subscript"),
    ])
    func `a line that can trap is found`(line: String, what: String) {
        #expect(Traps.found(in: line).contains(what))
    }

    @Test(arguments: [
        "guard let type = body.integer(at: offset, as: UInt8.self) else { throw .malformed }",
        "guard first != nil, !remarks.isEmpty else { return nil }",
        "var seen: [UInt8: Int] = [:]",
        "let zeros = [UInt8](repeating: 0, count: 4)",
        "func take(_ value: RawSpan) -> UInt16?  // adds a + b[0]!",
        "case .tooShort: \"fewer than 36 - or none [0]!\"",
        "let (end, isOver) = start.addingReportingOverflow(length)",
        "let sum = a &+ b",
        "return value.clamped(to: 0...10_000, &remarks)",
        "let low = UInt8(truncatingIfNeeded: length)",
    ])
    func `a line that cannot trap is left alone`(line: String) {
        #expect(Traps.found(in: line) == [])
    }
}
