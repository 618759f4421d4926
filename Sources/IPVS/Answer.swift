// What the kernel answers to requests, gathered until it is whole.

/// The answer to one request: any number of entries, then its end.
struct Answer: Equatable {
    fileprivate(set) var entries: [ArraySlice<UInt8>] = []
    /// How it ended: 0, or why the kernel refused; `nil` while it is not whole.
    fileprivate(set) var endErrno: Int32?
}

/// The answers to requests that were sent together, with consecutive sequence numbers.
struct Answers {
    /// Far above any cluster: ends a dump that would never end.
    static let maximumEntries = 65_536

    let family: UInt16
    let firstSequence: UInt32
    private(set) var list: [Answer]
    private var missing: Int
    /// Why answers that are not whole will not be.
    var fault = AnswerFault.truncated

    init(family: UInt16, firstSequence: UInt32, count: Int) {
        self.family = family
        self.firstSequence = firstSequence
        list = Array(repeating: Answer(), count: count)
        missing = count
    }

    var areWhole: Bool { missing == 0 }

    mutating func take(_ received: [UInt8]) throws(AnswerFault) {
        try Message.each(in: received) { message throws(AnswerFault) in
            let index = Int(message.sequence &- firstSequence)
            guard index < list.count, list[index].endErrno == nil else { throw .wrongSequence }
            switch try message.content(family: family) {
            case .entry(let attributes):
                guard list[index].entries.count < Self.maximumEntries else { throw .tooLong }
                list[index].entries.append(attributes)
            case .end(let errno):
                list[index].endErrno = errno
                missing -= 1
            }
        }
    }
}
