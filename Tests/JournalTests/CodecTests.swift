// What is written is what is read; and what nobody wrote is refused, whatever it is.

import Protocol
import Testing
import Weighting

@testable import Journal

@Suite struct CodecTests {
    @Test func `numbers, texts and bits come back as they were`() throws {
        var writer = ByteWriter()
        let numbers: [UInt64] = [0, 1, 127, 128, 300, UInt64(UInt32.max), .max]
        let signed: [Int64] = [0, -1, 1, -64, 64, .min, .max]
        for number in numbers { writer.number(number) }
        for number in signed { writer.signed(number) }
        writer.difference(from: UInt32.max, to: 3)
        writer.bits(0x0123_4567_89AB_CDEF)
        writer.text("déjà")
        var reader = ByteReader(writer.bytes)
        for number in numbers { #expect(try reader.number() == number) }
        for number in signed { #expect(try reader.signed() == number) }
        #expect(try reader.difference(from: UInt32.max) == 3)
        #expect(try reader.bits() == 0x0123_4567_89AB_CDEF)
        #expect(try reader.text() == "déjà")
        #expect(reader.isAtEnd)
    }

    @Test func `a number of more than 64 bits is refused`() {
        let ones = [UInt8](repeating: 0xFF, count: 9)
        for last in [2, 0x80, 0xFF] as [UInt8] {
            var reader = ByteReader(ones + [last])
            #expect(throws: JournalError.self) { try reader.number() }
        }
        var reader = ByteReader(ones)
        #expect(throws: JournalError.ends) { try reader.number() }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `reports come back as they were, but for what is only the path's`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var (out, back) = (ReportMemory(servers: 3), ReportMemory(servers: 3))
        var columns = ReportColumns()
        for _ in 0..<300 {
            let report = Report.random(using: &dice)
            let server = Int.random(in: 0..<3, using: &dice)
            var writer = ByteWriter()
            columns.take(report, Event.Heard(server: server, boot: 7, at: Instant(nanoseconds: 1)))
            out.write(columns, server: server, to: &writer)
            var reader = ByteReader(writer.bytes)
            #expect(try back.read(server: server, from: &reader).report() == report)
            #expect(reader.isAtEnd)
        }
    }

    @Test func `a usual report takes nine bytes`() throws {
        var memory = ReportMemory(servers: 1)
        var columns = ReportColumns()
        var sizes: [Int] = []
        for beat in 0..<10 as Range<UInt32> {
            let report = Report(
                state: .up, intervalMilliseconds: 500,
                clockTenthsOfMillisecond: beat * 5_000 + beat % 3,
                host: HostLoad(
                    cpuBusyTenthsOfMillisecond: beat * 2_000,
                    runnableTenthsOfMillisecond: beat * 2_500, coresHundredths: 400,
                    memoryAvailableTenThousandths: 5_000),
                services: [ServiceLoad(id: ServiceID(name: "web"), state: .up, inFlight: 3)],
                pressure: Pressure(cpuSomeTenthsOfMillisecond: beat * 20),
                requests: [
                    RequestCounters(id: ServiceID(name: "web"), requests: beat * 50, errors: 0)
                ])
            var writer = ByteWriter()
            columns.take(report, Event.Heard(server: 0, boot: 7, at: Instant(nanoseconds: 1)))
            memory.write(columns, server: 0, to: &writer)
            sizes.append(writer.bytes.count)
        }
        // Beside these the server's number, of one byte or two.
        #expect(sizes.dropFirst().allSatisfy { $0 <= 9 })
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `tables come back as they were`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var (out, back) = (TableMemory(), TableMemory())
        var table = Table()
        for _ in 0..<200 {
            table.change(using: &dice)
            var writer = ByteWriter()
            out.write(table, to: &writer)
            var reader = ByteReader(writer.bytes)
            #expect(try back.read(from: &reader) == table)
            #expect(reader.isAtEnd)
        }
    }

    @Test func `random bytes never end the process`() {
        var dice = Dice(seed: 77)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...200, using: &dice)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }
            _ = try? SegmentForm.content(of: SegmentForm.head + bytes)
            var reader = RecordReader(bytes)
            while (try? reader.next()) != nil {}
            var table = ByteReader(bytes)
            var memory = TableMemory()
            while (try? memory.read(from: &table)) != nil, !table.isAtEnd {}
            var report = ByteReader(bytes)
            var reports = ReportMemory(servers: 1)
            while let columns = try? reports.read(server: 0, from: &report), !report.isAtEnd {
                _ = try? columns.report()
            }
        }
    }

    @Test func `a damaged recording is read up to where it is, or refused`() throws {
        var run = RandomRun(seed: 12)
        _ = run.advance(20)
        var writer = RecordWriter()
        try writer.checkpoint(
            run.balancer,
            Checkpoint.Moment(release: Poise.version, at: run.now, unixNanoseconds: 1)
        ) { _ in }
        for step in run.advance(100) {
            switch step {
            case .report(let report, let heard): writer.hear(report, heard)
            case .tick(let table, let decision, let applied):
                writer.tick(table, decision, applied: applied)
            case .checked(let found): writer.checked(found)
            case .ordered(let orders): try writer.ordered(orders) { _ in }
            case .adopted: break
            }
        }
        var dice = Dice(seed: 13)
        for _ in 0..<500 {
            var bytes = writer.bytes
            let place = Int.random(in: bytes.indices, using: &dice)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            if Bool.random(using: &dice) { bytes.removeLast(bytes.count - place - 1) }
            var reader = RecordReader(bytes)
            while (try? reader.next()) != nil {}
            #expect(reader.position <= bytes.count)
        }
    }
}
