// Regular expressions over bytes, in time that grows with the text only: a server that is asked
// chooses the text, and neither Swift's Regex nor regexec(3) promises an end to that.

/// A compiled expression; found in a text by following all of its ways at once, so that no text
/// takes more than its length times the length of the expression.
package struct Pattern: Hashable, Sendable {
    enum Op: Hashable, Sendable {
        case byte(ByteSet)
        case start
        case end
        case jump(Int)
        case split(Int, Int)
        case match
    }

    package let text: String
    let ops: [Op]

    /// - Throws: what is wrong with the expression, in words.
    package init(_ text: String) throws(PatternFault) {
        self.text = text
        var parser = PatternParser(text)
        ops = try parser.program()
    }

    /// Whether the expression is found anywhere in the text.
    package func isFound(in bytes: some Collection<UInt8>) -> Bool {
        var search = Search(ops: ops)
        var isStart = true
        for byte in bytes {
            if search.begin(isStart: isStart) { return true }
            search.step(byte)
            isStart = false
        }
        return search.begin(isStart: isStart) || search.finish(isStart: isStart)
    }

    /// All places of the program that the text so far leads to.
    private struct Search {
        let ops: [Op]
        private var places: [Int] = []
        private var next: [Int] = []
        /// The round in which a place was reached last, so that it is followed once in each.
        private var marks: [Int]
        private var round = 1
        private var stack: [Int] = []

        init(ops: [Op]) {
            self.ops = ops
            marks = Array(repeating: 0, count: ops.count)
        }

        /// Begins at the first place here as well; true when the end was reached.
        mutating func begin(isStart: Bool) -> Bool {
            for place in next where follow(place, isStart: isStart, isEnd: false) { return true }
            next.removeAll(keepingCapacity: true)
            return follow(0, isStart: isStart, isEnd: false)
        }

        mutating func step(_ byte: UInt8) {
            for place in places {
                if case .byte(let set) = ops[place], set.contains(byte) { next.append(place + 1) }
            }
            places.removeAll(keepingCapacity: true)
            round += 1
        }

        /// Whether what is left can end where the text does.
        mutating func finish(isStart: Bool) -> Bool {
            round += 1
            let left = places
            places.removeAll(keepingCapacity: true)
            for place in left where follow(place, isStart: isStart, isEnd: true) { return true }
            return false
        }

        private mutating func follow(_ first: Int, isStart: Bool, isEnd: Bool) -> Bool {
            stack.append(first)
            while let place = stack.popLast() {
                guard marks[place] != round else { continue }
                marks[place] = round
                switch ops[place] {
                case .byte: places.append(place)
                case .end:
                    if isEnd { stack.append(place + 1) } else { places.append(place) }
                case .start: if isStart { stack.append(place + 1) }
                case .jump(let target): stack.append(target)
                case .split(let one, let other):
                    stack.append(other)
                    stack.append(one)
                case .match:
                    stack.removeAll(keepingCapacity: true)
                    return true
                }
            }
            return false
        }
    }
}
