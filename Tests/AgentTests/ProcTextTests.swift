// Text of /proc and of control groups, as kernels write it.

import Testing

@testable import Agent

private func with<Result>(_ text: String, _ parse: (UnsafeRawBufferPointer) -> Result) -> Result {
    Array(text.utf8).withUnsafeBytes(parse)
}

private let stat = """
    cpu  100 20 30 4000 500 6 7 8 9 1
    cpu0 50 10 15 2000 250 3 3 4 5 0
    intr 1234 0 9
    procs_running 3
    """

@Test func `busy is all but idle and waiting for disks, and guests are not counted twice`() {
    #expect(with(stat) { ProcText.busyTicks(stat: $0) } == 171)
}

@Test func `a kernel that tells less of the cores is understood, one that tells nothing is not`() {
    #expect(with("cpu  1 2 3 4\n") { ProcText.busyTicks(stat: $0) } == 6)
    #expect(with("cpu  1 2\n") { ProcText.busyTicks(stat: $0) } == nil)
    #expect(with("") { ProcText.busyTicks(stat: $0) } == nil)
}

@Test func `runnable tasks stand before the slash`() {
    #expect(with("0.74 1.32 0.67 13/88 9780\n") { ProcText.runnableTasks(loadavg: $0) } == 13)
    #expect(with("0.74 1.32 0.67\n") { ProcText.runnableTasks(loadavg: $0) } == nil)
}

@Test func `the wait for cores is the eighth column of every core`() {
    let schedstat = """
        version 15
        timestamp 4295012345
        cpu0 0 0 0 0 0 0 5000 1000 17
        domain0 3 1 2 3 4 5 6 7 8 9
        cpu11 0 0 0 0 0 0 6000 2500 18
        """
    #expect(with(schedstat) { ProcText.coreWait(schedstat: $0)?.nanoseconds } == 3_500)
    #expect(with("version 15\ncpu0 1 2 3\n") { ProcText.coreWait(schedstat: $0) } == nil)
    #expect(with("version 15\n") { ProcText.coreWait(schedstat: $0) } == nil)
}

@Test func `available memory is a share of all memory`() {
    let meminfo = "MemTotal:       16000 kB\nMemFree:  10 kB\nMemAvailable:   4000 kB\n"
    #expect(with(meminfo) { ProcText.memoryAvailable(meminfo: $0) } == 2_500)
    #expect(
        with("MemTotal: 0 kB\nMemAvailable: 0 kB\n") { ProcText.memoryAvailable(meminfo: $0) }
            == nil)
    #expect(with("MemTotal: 16000 kB\n") { ProcText.memoryAvailable(meminfo: $0) } == nil)
}

@Test func `pressure is the total of the line that was asked for`() {
    let pressure = """
        some avg10=0.13 avg60=11.46 avg300=16.47 total=91830792
        full avg10=0.00 avg60=0.00 avg300=0.00 total=77
        """
    #expect(with(pressure) { ProcText.stalledMicroseconds("some ", pressure: $0) } == 91_830_792)
    #expect(with(pressure) { ProcText.stalledMicroseconds("full ", pressure: $0) } == 77)
    #expect(with("some avg10=0\n") { ProcText.stalledMicroseconds("some ", pressure: $0) } == nil)
}

@Test func `a control group's quota is its cores in hundredths`() {
    #expect(with("150000 100000\n") { ProcText.quotaHundredths(cpuMax: $0) } == 150)
    #expect(with("max 100000\n") { ProcText.quotaHundredths(cpuMax: $0) } == nil)
    #expect(with("1000 0\n") { ProcText.quotaHundredths(cpuMax: $0) } == nil)
    #expect(
        with("usage_usec 42\nuser_usec 1\n") { ProcText.number(after: "usage_usec", in: $0) } == 42)
}

@Test func `a number beyond 64 bits is no number`() {
    #expect(with("18446744073709551616 1\n") { ProcText.quotaHundredths(cpuMax: $0) } == nil)
}

@Test func `limits are looked for around the agent's own unit, not in it`() {
    #expect(
        ControlGroup.folders(path: "/system.slice/poise-agent.service", root: "/c")
            == ["/c", "/c/system.slice"])
    #expect(
        ControlGroup.folders(path: "/kube/pod1", root: "/c") == ["/c", "/c/kube", "/c/kube/pod1"])
    #expect(ControlGroup.folders(path: "/", root: "/c") == ["/c"])
    #expect(with("4:memory:/x\n0::/a/b\n") { ControlGroup.path(cgroup: $0) } == "/a/b")
    #expect(with("4:memory:/x\n") { ControlGroup.path(cgroup: $0) } == nil)
}
