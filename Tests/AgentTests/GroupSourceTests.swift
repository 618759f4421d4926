// A control group that stands in for the host, from files as the kernel writes them.

import CLinux
import Protocol
import Testing

@testable import Agent

private func beat(_ count: Int64) -> Int64 { 1_000_000_000 + count * 500_000_000 }

/// A group with limits on cores and memory, inside a folder that has a wider limit.
private func makeGroup(in scratch: Scratch, usedMicroseconds: Int) throws -> String {
    _ = mkdir(scratch.path("web.service"), 0o755)
    try scratch.write("cpu.max", "400000 100000\n")
    try scratch.write("web.service/cpu.max", "150000 100000\n")
    try write(usedMicroseconds, in: scratch)
    try scratch.write(
        "web.service/cpu.pressure",
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=7000\nfull avg10=0.00 total=1\n")
    try scratch.write("web.service/memory.current", "800000\n")
    try scratch.write("web.service/memory.max", "1000000\n")
    try scratch.write("web.service/memory.stat", "anon 500000\nfile 300000\ninactive_file 200000\n")
    return scratch.path("web.service")
}

private func write(_ usedMicroseconds: Int, throttled: Int = 0, in scratch: Scratch) throws {
    try scratch.write(
        "web.service/cpu.stat",
        "usage_usec \(usedMicroseconds)\nuser_usec 1\nthrottled_usec \(throttled)\n")
}

@Test func `a group tells its busy time, its cores and what is left of its memory`() throws {
    let scratch = try Scratch()
    var source = GroupSource(folder: try makeGroup(in: scratch, usedMicroseconds: 5_000_000))
    let first = source.sample(at: beat(0))
    let load = try #require(first?.load)
    #expect(first?.isControlGroup == true)
    #expect(load.cpuBusyTenthsOfMillisecond == 0)
    // Never more cores than the machine has.
    #expect(load.coresHundredths == UInt16(min(150, sysconf(Int32(_SC_NPROCESSORS_ONLN)) * 100)))
    // 600 kB of 1 MB are in use, without what is cached and idle.
    #expect(load.memoryAvailableTenThousandths == 4_000)
    #expect(first?.pressure?.cpuSomeTenthsOfMillisecond == 70)

    try write(5_250_000, throttled: 100_000, in: scratch)
    let second = source.sample(at: beat(1))
    #expect(second?.load.cpuBusyTenthsOfMillisecond == 2_500)
    #expect(second?.load.runnableTenthsOfMillisecond == 3_500)
}

@Test func `a group that is made anew goes on from what it had used`() throws {
    let scratch = try Scratch()
    let folder = try makeGroup(in: scratch, usedMicroseconds: 9_000_000)
    var source = GroupSource(folder: folder)
    _ = source.sample(at: beat(0))
    try write(9_100_000, in: scratch)
    let before = source.sample(at: beat(1))
    #expect(before?.load.cpuBusyTenthsOfMillisecond == 1_000)

    // Its service stops: the kernel answers no more, and the folder goes.
    try scratch.write("web.service/cpu.stat", "")
    let gone = source.sample(at: beat(2))
    #expect(gone == nil)
    #expect(source.fault == "the control group \(folder) is gone, or tells no cpu.stat")
    #expect(unlink("\(folder)/cpu.stat") == 0)
    let stillGone = source.sample(at: beat(3))
    #expect(stillGone == nil)
    #expect(source.fault?.hasSuffix("is its service running?") == true)

    try write(50_000, in: scratch)
    let anew = source.sample(at: beat(4))
    #expect(anew?.load.cpuBusyTenthsOfMillisecond == 1_000)
    #expect(source.fault == nil)
    try write(150_000, in: scratch)
    let later = source.sample(at: beat(5))
    #expect(later?.load.cpuBusyTenthsOfMillisecond == 2_000)
}

@Test func `a group without limits has the machine's cores and memory`() throws {
    let scratch = try Scratch()
    _ = mkdir(scratch.path("web.service"), 0o755)
    try write(1, in: scratch)
    try scratch.write("web.service/cpu.max", "max 100000\n")
    try scratch.write("web.service/memory.current", "800000\n")
    try scratch.write("web.service/memory.max", "max\n")
    try scratch.write("meminfo", "MemTotal: 100 kB\nMemAvailable: 50 kB\n")
    var source = GroupSource(folder: scratch.path("web.service"), proc: scratch.root)
    let load = source.sample(at: beat(0))?.load
    #expect(load?.coresHundredths == UInt16(sysconf(Int32(_SC_NPROCESSORS_ONLN)) * 100))
    #expect(load?.memoryAvailableTenThousandths == 5_000)
}
