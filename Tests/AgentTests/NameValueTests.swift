// Lines of names and values, and the file that holds them.

import CLinux
import Protocol
import Testing

@testable import Agent

@Test func `each figure is read, comments and blanks are not`() throws {
    let text = try NameValueText(
        Array(
            """
            # by the deploy hook
            requests 18234
            errors   12\t

            in-flight 7\r
            queue 0
            load 0.45
            p99 120ms
            state degraded

            """.utf8))
    #expect(text.values == [18_234, 12, 7, 0, 0.45, 120_000, nil])
    #expect(text.state == .degraded)
}

@Test(arguments: [("0.25s", 250_000), ("900us", 900), ("1.5ms", 1_500)])
func `a time has its unit`(text: String, microseconds: Double) throws {
    let read = try NameValueText(Array("p99 \(text)\n".utf8))
    #expect(read.values[Field.p99.rawValue] == microseconds)
}

@Test(arguments: [
    ("", "no line of a name and a value"),
    ("# nothing\n", "no line of a name and a value"),
    ("load 0.4", "cut short: the last line does not end with a newline"),
    ("load\n", "line 1: load takes one value"),
    ("load 0.4 0.5\n", "line 1: load takes one value"),
    ("queue 1\nload much\n", "line 2: load \"much\" is not a number from 0 up"),
    ("load -1\n", "line 1: load \"-1\" is not a number from 0 up"),
    ("load nan\n", "line 1: load \"nan\" is not a number from 0 up"),
    ("p99 120\n", "line 1: p99 \"120\" is not a time such as 120ms, 0.5s or 900us"),
    ("state off\n", "line 1: state \"off\" is none of: up, degraded, warming, draining, down"),
    ("load 1\nload 1\n", "line 2: load is there already"),
    (
        "lo\u{7}ad 1\n",
        "line 1: \"lo?ad\" is none of: requests, errors, in-flight, queue, load, p99, state"
    ),
])
func `a text with a fault is refused whole, with its place`(text: String, fault: String) {
    #expect(throws: NameValueFault(text: fault)) { try NameValueText(Array(text.utf8)) }
}

private let second: Int64 = 1_000_000_000

@Test func `a file counts once when it was written, and holds until it is too old`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("web", "requests 10\nload 0.5\n")
    let source = FileSource(.init(path: path, ageNanoseconds: 30 * second))
    source.look(at: 100 * second)
    #expect(source.readings.standing(freshAfter: 99 * second) == .new)
    #expect(source.readings[.load] == 0.5)

    source.look(at: 120 * second)
    #expect(source.readings.standing(freshAfter: 119 * second) == .held)

    // Not written again for longer than it may be; the wall clock has no say in it.
    source.look(at: 131 * second) { Int64.max }
    #expect(source.readings.standing(freshAfter: 130 * second) == .absent)
    #expect(source.readings.fault == "\(path) was not written for 30s")

    try scratch.write("web", "requests 1234\n")
    source.look(at: 132 * second)
    #expect(source.readings.standing(freshAfter: 131 * second) == .new)
    #expect(source.readings[.requests] == 1_234)
    #expect(source.readings.fault == nil)
}

@Test func `a file that was old before the first look is a fault at once`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("web", "load 0.5\n")
    let source = FileSource(.init(path: path, ageNanoseconds: 30 * second))
    source.look(at: 100 * second) { linux_real_nanoseconds() + 31 * second }
    #expect(source.readings.fault == "\(path) was not written for 30s")
}

@Test(arguments: [Int.min, -1, 0, Int.max])
func `a file of any date is looked at again and again`(seconds: Int) throws {
    let scratch = try Scratch()
    let path = try scratch.write("web", "load 0.5\n")
    let date = timespec(tv_sec: seconds, tv_nsec: 0)
    // Where the file system has no such date, it takes its nearest.
    #expect(utimensat(AT_FDCWD, path, [date, date], 0) == 0)
    let source = FileSource(.init(path: path, ageNanoseconds: 30 * second))
    for at in [100 * second, 101 * second, 500 * second] { source.look(at: at) { .max } }
    #expect(source.readings.fault == "\(path) was not written for 30s")
}

@Test func `a file that is missing, no file, or half written is a fault, and is looked at again`()
    throws
{
    let scratch = try Scratch()
    let source = FileSource(.init(path: scratch.path("web"), ageNanoseconds: 30 * second))
    source.look(at: 100 * second)
    #expect(source.readings.fault?.contains("No such file") == true)

    let folder = FileSource(.init(path: scratch.root, ageNanoseconds: 30 * second))
    folder.look(at: 100 * second)
    #expect(folder.readings.fault == "\(scratch.root) is not a regular file")

    try scratch.write("web", "requests 12")
    source.look(at: 101 * second)
    #expect(source.readings.fault?.contains("cut short") == true)
    source.look(at: 102 * second)
    #expect(source.readings.fault?.contains("cut short") == true)

    try scratch.write("web", "requests 1234\n")
    source.look(at: 103 * second)
    #expect(source.readings.fault == nil)
    #expect(source.readings[.requests] == 1_234)
}
