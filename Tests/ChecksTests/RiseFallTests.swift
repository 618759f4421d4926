// How single answers become up and down, and when a check is made.

import Testing

@testable import Checks

struct RiseFallTests {
    @Test func `nothing is known before enough answers came in a row`() {
        var counter = RiseFall(rise: 2, fall: 3)
        #expect([true, false, true, false].map { counter.count(isPassed: $0) }.allSatisfy { !$0 })
        #expect(counter.isUp == nil)
        #expect(counter.count(isPassed: false) == false)
        #expect(counter.count(isPassed: false) == true)
        #expect(counter.isUp == false)
    }

    @Test func `a server that is up falls by so many failures in a row, and no fewer`() {
        var counter = RiseFall(rise: 1, fall: 3)
        #expect(counter.count(isPassed: true) == true)
        for isPassed in [false, false, true, false, false] {
            #expect(counter.count(isPassed: isPassed) == false)
        }
        #expect(counter.count(isPassed: false) == true)
        #expect(counter.isUp == false)
        #expect(counter.count(isPassed: true) == true)
        #expect(counter.isUp == true)
    }

    @Test func `a change is told once`() {
        var counter = RiseFall(rise: 2, fall: 1)
        let changes = [true, true, true, false, false, true, true].map {
            counter.count(isPassed: $0)
        }
        #expect(changes == [false, true, false, true, false, false, true])
    }
}

struct RhythmTests {
    private let second: Int64 = 1_000_000_000

    @Test func `first runs of many checks are spread evenly over an interval`() {
        let timing = CheckTiming()
        let starts = (0..<1000).map { Rhythm(timing, number: $0, now: 5 * second).first }.sorted()
        #expect(starts.allSatisfy { (5 * second...6 * second).contains($0) })
        let gaps = zip(starts, starts.dropFirst()).map { $1 - $0 }
        #expect((gaps.max() ?? .max) < 4 * second / 1000)
    }

    @Test func `runs keep their beat, whatever they take`() {
        var rhythm = Rhythm(CheckTiming(), number: 0, now: 0)
        #expect(rhythm.first == 0)
        #expect(rhythm.next(after: 900_000_000, chance: 0.5, isInDoubt: false) == second)
        #expect(rhythm.next(after: second + 1, chance: 0.5, isInDoubt: false) == 2 * second)
    }

    @Test func `a beat that has passed is left out`() {
        var rhythm = Rhythm(CheckTiming(), number: 0, now: 0)
        #expect(rhythm.next(after: 3 * second + 5, chance: 0, isInDoubt: false) == 4 * second)
        #expect(rhythm.next(after: 4 * second + 5, chance: 0, isInDoubt: false) == 5 * second)
    }

    @Test func `jitter makes a run earlier and never later`() {
        let timing = CheckTiming(jitterNanoseconds: 200_000_000)
        var rhythm = Rhythm(timing, number: 0, now: 0)
        #expect(rhythm.next(after: 1, chance: 0, isInDoubt: false) == second)
        #expect(
            rhythm.next(after: second + 1, chance: 0.5, isInDoubt: false) == 2 * second
                - 100_000_000)
        #expect(
            rhythm.next(after: 2 * second - 90_000_000, chance: 0.999, isInDoubt: false) < 3
                * second)
    }

    @Test func `a server that dies is found within three intervals and a timeout`() {
        for timeout in [900_000_000, second] {
            let timing = CheckTiming(timeoutNanoseconds: timeout)
            var rhythm = Rhythm(timing, number: 0, now: 0)
            var counter = RiseFall(rise: timing.rise, fall: timing.fall)
            _ = (0..<timing.rise).map { _ in counter.count(isPassed: true) }
            // It died right after the answer of the run at 0.
            var start = rhythm.next(after: 1_000_000, chance: 0, isInDoubt: counter.isInDoubt)
            var end = start
            while counter.isUp == true {
                end = start + timeout
                _ = counter.count(isPassed: false)
                start = rhythm.next(after: end, chance: 0, isInDoubt: counter.isInDoubt)
            }
            #expect(end <= 3 * second + timeout - (timeout < second ? 200_000_000 : 0))
            #expect(start >= end)
        }
    }

    @Test func `a server that is down, or of which nothing is doubted, keeps the beat`() {
        var counter = RiseFall(rise: 1, fall: 2)
        let doubts = [true, false, true, false, false, false].map { isPassed in
            _ = counter.count(isPassed: isPassed)
            return counter.isInDoubt
        }
        #expect(doubts == [false, true, false, true, false, false])
    }

    @Test func `what is due comes in its order`() {
        var dice = Dice(seed: 3)
        var queue = DueQueue()
        for slot in 0..<500 {
            queue.add(DueQueue.Entry(at: Int64(dice.below(1000)), slot: slot, stamp: 0))
        }
        var taken: [Int64] = []
        while let entry = queue.take(at: 499) { taken.append(entry.at) }
        #expect(taken == taken.sorted())
        #expect(taken.allSatisfy { $0 < 500 })
        #expect((queue.first?.at ?? 0) >= 500)
        #expect(taken.count + queue.count == 500)
    }
}
