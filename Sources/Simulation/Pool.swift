// Places for things that come and go, named by small numbers.

/// A place that was left is given to the next.
struct Pool<Element: Sendable>: Sendable {
    private var items: [Element] = []
    private var free: [Int32] = []

    init(capacity: Int) { items.reserveCapacity(capacity) }

    mutating func insert(_ item: Element) -> Int32 {
        if let place = free.popLast() {
            items[Int(place)] = item
            return place
        }
        items.append(item)
        return Int32(items.count - 1)
    }

    mutating func remove(_ place: Int32) { free.append(place) }

    subscript(_ place: Int32) -> Element {
        get { items[Int(place)] }
        set { items[Int(place)] = newValue }
    }
}
