// The host's load from files as the kernel writes them, in a folder that stands in for it.

import CLinux
import Daemon
import Protocol
import Testing

@testable import Agent

/// A folder with the files that the agent looks at; gone with its owner.
private final class Kernel {
    let root: String

    init() throws {
        var name = Array("/tmp/poise-proc-XXXXXX".utf8CString)
        try #require(mkdtemp(&name) != nil)
        root = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for folder in ["self", "groups", "groups/pod"] {
            #expect(mkdir("\(root)/\(folder)", 0o700) == 0)
        }
        try write("self/cgroup", "0::/pod\n")
        try write("stat", "cpu  100 0 0 900 0 0 0 0 0 0\n")
        try write("loadavg", "0.00 0.00 0.00 4/88 9780\n")
        try write("meminfo", "MemTotal: 100 kB\nMemAvailable: 50 kB\n")
    }

    deinit {
        for path in [
            "self/cgroup", "stat", "loadavg", "meminfo", "schedstat", "groups/pod/cpu.max",
            "groups/pod/cpu.stat", "groups/pod/cpu.pressure",
        ] { _ = unlink("\(root)/\(path)") }
        for folder in ["groups/pod", "groups", "self", ""] { _ = rmdir("\(root)/\(folder)") }
    }

    /// Writes the file in place, so that who has it open sees the change.
    func write(_ path: String, _ text: String) throws {
        let file = try Descriptor(
            linux_open("\(root)/\(path)", O_WRONLY | O_CREAT | O_TRUNC, 0o600), "open \(path)")
        let bytes = Array(text.utf8)
        try #require(linux_write(file.number, bytes, bytes.count) == bytes.count)
    }

    func schedstat(_ waits: [UInt64]) throws {
        var text = "version 15\ntimestamp 1\n"
        for (core, wait) in waits.enumerated() { text += "cpu\(core) 0 0 0 0 0 0 7 \(wait) 9\n" }
        try write("schedstat", text)
    }

    func source() throws -> HostSource {
        try HostSource(proc: root, controlGroups: "\(root)/groups")
    }
}

/// So many reports of half a second each later.
private func beat(_ count: Int64) -> Int64 { 1_000_000_000 + count * 500_000_000 }

private func runnable(_ source: inout HostSource, _ beats: Int64) -> UInt32? {
    source.sample(at: beat(beats))?.load.runnableTenthsOfMillisecond
}

@Test func `a limited group without a pressure file keeps its limit`() throws {
    let kernel = try Kernel()
    try kernel.write("groups/pod/cpu.max", "50000 100000\n")
    try kernel.write("groups/pod/cpu.stat", "usage_usec 1000\nthrottled_usec 0\n")
    var source = try kernel.source()
    let taken = source.sample(at: beat(0))
    let sample = try #require(taken)
    #expect(sample.isControlGroup)
    #expect(sample.load.coresHundredths == 50)
    #expect(sample.load.cpuBusyTenthsOfMillisecond == 10)
    #expect(sample.pressure == nil)
}

@Test func `what waits in a limited group is the pressure or the throttling, the larger`() throws {
    let kernel = try Kernel()
    func write(usage: Int, throttled: Int, stalled: Int) throws {
        try kernel.write(
            "groups/pod/cpu.stat", "usage_usec \(usage)\nthrottled_usec \(throttled)\n")
        try kernel.write("groups/pod/cpu.pressure", "some avg10=0.00 total=\(stalled)\n")
    }
    try kernel.write("groups/pod/cpu.max", "50000 100000\n")
    try write(usage: 9_000, throttled: 5_000, stalled: 100)
    var source = try kernel.source()
    #expect(runnable(&source, 0) == 0)
    try write(usage: 9_500, throttled: 7_000, stalled: 300)
    #expect(runnable(&source, 1) == 25)
    try write(usage: 9_500, throttled: 7_000, stalled: 1_300)
    #expect(runnable(&source, 2) == 35)
}

@Test func `runnable tasks are the busy time and the wait of every interval`() throws {
    let kernel = try Kernel()
    try kernel.schedstat([1_000_000, 2_000_000])
    var source = try kernel.source()
    #expect(runnable(&source, 0) == 0)
    try kernel.write("stat", "cpu  103 0 0 900 0 0 0 0 0 0\n")
    try kernel.schedstat([1_050_000, 2_060_000])
    #expect(runnable(&source, 1) == 301)
    // What was left of the wait is not lost.
    try kernel.schedstat([1_100_000, 2_100_000])
    #expect(runnable(&source, 2) == 302)
}

@Test func `a core that comes or goes takes nothing back and adds no past`() throws {
    let kernel = try Kernel()
    try kernel.schedstat([1_000_000, 2_000_000])
    var source = try kernel.source()
    #expect(runnable(&source, 0) == 0)
    // While the cores cannot be compared, the run queue is: three others for half a second.
    try kernel.schedstat([1_000_000])
    #expect(runnable(&source, 1) == 15_000)
    try kernel.schedstat([1_500_000])
    #expect(runnable(&source, 2) == 15_005)
    try kernel.schedstat([1_500_000, 9_000_000_000])
    #expect(runnable(&source, 3) == 30_005)
    try kernel.schedstat([1_500_000, 9_001_000_000])
    #expect(runnable(&source, 4) == 30_015)
}

@Test func `a schedstat that grows past its limit gives way to the run queue`() throws {
    let kernel = try Kernel()
    try kernel.schedstat([1_000_000])
    var source = try kernel.source()
    #expect(runnable(&source, 0) == 0)
    try kernel.schedstat(Array(repeating: 1_000_000, count: 4_000))
    #expect(runnable(&source, 1) == 15_000)
    try kernel.schedstat(Array(repeating: 2_000_000, count: 4_000))
    #expect(runnable(&source, 2) == 30_000)
}
