// A queue in the order of time, for what will happen and for jobs in a server.

/// Something that is due at a time.
protocol Due {
    /// Seconds.
    var at: Double { get }
}

/// What is due first comes out first.
struct DueHeap<Element: Due & Sendable>: Sendable {
    private var items: [Element] = []

    init(capacity: Int) { items.reserveCapacity(capacity) }

    var count: Int { items.count }

    /// When the first is due; never, when there is none.
    var firstAt: Double { items.isEmpty ? .infinity : items[0].at }

    mutating func insert(_ item: Element) {
        var place = items.count
        items.append(item)
        while place > 0 {
            let parent = (place - 1) / 2
            guard item.at < items[parent].at else { break }
            items[place] = items[parent]
            place = parent
        }
        items[place] = item
    }

    mutating func popFirst() -> Element? {
        guard let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return last }
        let first = items[0]
        let count = items.count
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < count else { break }
            if child + 1 < count, items[child + 1].at < items[child].at { child += 1 }
            guard items[child].at < last.at else { break }
            items[place] = items[child]
            place = child
        }
        items[place] = last
        return first
    }

    /// Takes all out, in any order.
    mutating func removeAll() -> [Element] {
        defer { items.removeAll(keepingCapacity: true) }
        return items
    }
}
