// A counter that never goes back, made from one that starts anew with its server.

/// The sum of the rises of a counter, modulo 2³² as reports carry it.
struct CounterTotal {
    /// More than this in one reading is no work that was done: 2³¹ is half the circle.
    private static let mostRise = 2_147_483_648.0

    private let scale: Double
    private var last: Double?
    private var units: UInt32 = 0
    /// Below 1; what the units leave over.
    private var fraction = 0.0

    /// Counts in units of 1/`scale` of what the readings count.
    init(scale: Double = 1) { self.scale = scale }

    /// Takes the next reading; `nil` when there was none, which leaves everything as it was.
    ///
    /// A fall means that the server began anew, or that one of the series that are summed up is
    /// gone. Which of the two cannot be told, and a fall taken for a rise would look like a burst,
    /// so a fall adds nothing: at worst the requests of one interval are lost. A rise beyond 2³¹
    /// units adds nothing either: it is a counter that went mad, or a series that came with its past.
    mutating func take(_ reading: Double?) {
        guard let reading, reading.isFinite else { return }
        defer { last = reading }
        guard let last, reading > last else { return }
        let rise = (reading - last) * scale
        guard rise <= Self.mostRise else { return }
        let sum = fraction + rise
        let whole = UInt32(sum)
        units &+= whole
        fraction = sum - Double(whole)
    }

    /// The rises so far; `nil` before the first reading.
    var modulo: UInt32? { last == nil ? nil : units }
}
