// One number for a whole decision, to see whether a replay came to the same.

package import Weighting

extension Decision {
    /// A mark of every verdict's weight and reason, and of every step; equal for equal decisions.
    ///
    /// Not against malice: it finds what differs by a fault or by another release.
    package var digest: UInt64 {
        var mark = Mark()
        mark.add(at.nanoseconds)
        mark.add(UInt64(services.count))
        for service in services {
            mark.add(service.scheduler?.name)
            mark.add(service.hold?.code)
            mark.add(service.alarm?.code)
            mark.add(service.isBelowQuorum ? 1 : 0)
            for place in service.verdicts.indices {
                mark.add(Int64(service.verdicts[place].server))
                mark.add(service.verdicts[place].kernel)
                mark.add(service.verdicts[place].weight?.rawValue)
                mark.add(service.verdicts[place].overridden)
                mark.add(service.verdicts[place].reason.code)
                // What the whole chain comes to, before it is rounded.
                mark.add(service.limitedShare(place)?.bitPattern ?? 0)
            }
        }
        for case .setWeight(_, let destination, let from, let to, _) in plan.steps {
            mark.add(UInt64(destination.port))
            mark.add(Int64(from))
            mark.add(Int64(to.rawValue))
        }
        mark.add(UInt64(violations.count))
        return mark.value
    }
}

/// The sum of what was added, in which every bit and the order count.
private struct Mark {
    // The offset and the prime of FNV-1a, taken eight bytes at a time.
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ next: UInt64) {
        value = (value ^ next) &* 0x100_0000_01B3
        // A product's low bits know nothing of the high ones.
        value ^= value >> 29
    }

    mutating func add(_ next: Int64) { add(UInt64(bitPattern: next)) }

    mutating func add(_ next: Int?) {
        add(next.map { UInt64(bitPattern: Int64($0)) } ?? 0x8000_0000_0000_0000)
    }

    mutating func add(_ text: String?) {
        var word: UInt64 = 0
        for byte in (text ?? "-").utf8 { word = word &* 31 &+ UInt64(byte) }
        add(word)
    }
}
