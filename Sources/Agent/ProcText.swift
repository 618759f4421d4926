// The numbers in the text files of /proc and of control groups; reading the files is done elsewhere.

internal import CLinux

/// Walks over text made of words and numbers.
struct ProcText {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Moves behind the next occurrence of `word`; false when there is none.
    mutating func skip(past word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        while index + length <= bytes.count, let start = bytes.baseAddress {
            guard let first = memchr(start + index, Int32(word.utf8Start[0]), bytes.count - index)
            else { return false }
            index = UnsafeRawPointer(first) - start
            guard index + length <= bytes.count else { return false }
            if memcmp(first, word.utf8Start, length) == 0 {
                index += length
                return true
            }
            index += 1
        }
        return false
    }

    /// The next number on this line; `nil` when something else comes first.
    mutating func number() -> UInt64? {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        var number: UInt64?
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
            let digit = UInt64(bytes[index] - 0x30)
            let (tens, tooLarge) = (number ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, stillTooLarge) = tens.addingReportingOverflow(digit)
            if tooLarge || stillTooLarge { return nil }
            number = sum
            index += 1
        }
        return number
    }
}

extension ProcText {
    /// /proc/stat: time of all cores on anything but idling or waiting for a disk, in ticks.
    static func busyTicks(stat: UnsafeRawBufferPointer) -> UInt64? {
        var text = ProcText(stat)
        guard text.skip(past: "cpu ") else { return nil }
        // user nice system idle iowait irq softirq steal; the guests' time is inside user and nice.
        let isBusy = [true, true, true, false, false, true, true, true]
        var sum: UInt64 = 0
        for (column, counts) in isBusy.enumerated() {
            guard let ticks = text.number() else {
                // Kernels before 2.6 had four columns; none has fewer.
                return column >= 4 ? sum : nil
            }
            if counts { sum &+= ticks }
        }
        return sum
    }

    /// /proc/loadavg: how many tasks run or wait to run at this moment.
    static func runnableTasks(loadavg: UnsafeRawBufferPointer) -> UInt64? {
        // As in "0.74 1.32 0.67 3/88 9780": the number before the slash.
        guard let slash = loadavg.firstIndex(of: 0x2F) else { return nil }
        var start = slash
        while start > 0, (0x30...0x39).contains(loadavg[start - 1]) { start -= 1 }
        var text = ProcText(UnsafeRawBufferPointer(rebasing: loadavg[start..<slash]))
        return text.number()
    }

    /// /proc/schedstat: time that tasks waited for a core, of all cores.
    static func coreWait(schedstat: UnsafeRawBufferPointer) -> CoreWait? {
        var text = ProcText(schedstat)
        var sum: CoreWait?
        while text.skip(past: "\ncpu") {
            guard let core = text.number() else { return nil }
            // Nine columns, of which the eighth is the wait.
            var column: UInt64?
            for _ in 1...8 {
                column = text.number()
                if column == nil { return nil }
            }
            var wait = sum ?? CoreWait()
            wait.nanoseconds &+= column ?? 0
            // Any two sets of cores that follow each other on one machine differ in this.
            wait.mark = wait.mark &* 31 &+ core &+ 1
            sum = wait
        }
        return sum
    }

    /// /proc/meminfo: the available part of memory in 1/10000.
    static func memoryAvailable(meminfo: UnsafeRawBufferPointer) -> UInt16? {
        var text = ProcText(meminfo)
        guard text.skip(past: "MemTotal:"), let total = text.number(), total > 0,
            text.skip(past: "MemAvailable:"), let available = text.number(),
            total < UInt64.max / 10_000
        else { return nil }
        return UInt16(clamping: min(available, total) * 10_000 / total)
    }

    /// A pressure file: the total of its line `some` or `full`, in microseconds.
    static func stalledMicroseconds(
        _ line: StaticString, pressure: UnsafeRawBufferPointer
    ) -> UInt64? {
        var text = ProcText(pressure)
        guard text.skip(past: line), text.skip(past: "total=") else { return nil }
        return text.number()
    }

    /// A file of names and numbers, such as cpu.stat of a control group: the number of one name.
    static func number(after name: StaticString, in bytes: UnsafeRawBufferPointer) -> UInt64? {
        var text = ProcText(bytes)
        guard text.skip(past: name) else { return nil }
        return text.number()
    }

    /// cpu.max of a control group: its cores in hundredths; `nil` without a limit.
    static func quotaHundredths(cpuMax: UnsafeRawBufferPointer) -> UInt64? {
        var text = ProcText(cpuMax)
        guard let quota = text.number(), let period = text.number(), period > 0,
            quota < UInt64.max / 100
        else { return nil }
        return max(1, quota * 100 / period)
    }
}
