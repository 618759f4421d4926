// A queue in the order of arrival.

/// First in, first out; what was taken makes room for what comes.
struct Fifo<Element: Sendable>: Sendable {
    private var items: [Element] = []
    private var head = 0

    var first: Element? { head < items.count ? items[head] : nil }

    mutating func append(_ item: Element) { items.append(item) }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        defer {
            head += 1
            // Moves each item once for each time that it is passed: cheap on the whole.
            if head > 1024, head * 2 > items.count {
                items.removeFirst(head)
                head = 0
            }
        }
        return items[head]
    }

    /// Takes all out.
    mutating func removeAll() -> [Element] {
        defer { (items, head) = ([], 0) }
        return Array(items[head...])
    }
}
