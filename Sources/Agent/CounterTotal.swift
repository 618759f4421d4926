// A counter that never goes back, made from one that starts anew with its server.

/// The sum of the rises of a counter.
struct CounterTotal {
    private var last: Double?
    private var total = 0.0

    /// Takes the next reading; `nil` when there was none, which leaves everything as it was.
    ///
    /// A fall means that the server began anew, or that one of the series that are summed up is
    /// gone. Which of the two cannot be told, and a fall taken for a rise would look like a burst,
    /// so a fall adds nothing: at worst the requests of one interval are lost.
    mutating func take(_ reading: Double?) {
        guard let reading else { return }
        if let last, reading > last { total += reading - last }
        last = reading
    }

    /// The rises so far in units of 1/`scale`, modulo 2³²; `nil` before the first reading.
    func modulo(scale: Double = 1) -> UInt32? {
        guard last != nil else { return nil }
        return UInt32(truncatingIfNeeded: UInt64(clampedFrom: total * scale))
    }
}
