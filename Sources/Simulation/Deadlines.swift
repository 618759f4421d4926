// When each server finishes its next job, and which of them is first.

/// One time for each server; the first is known at once.
///
/// A tournament: every inner node holds the winner of the two below it.
struct Deadlines: Sendable {
    private var times: [Double]
    private var winners: [Int32]
    private let leaves: Int

    init(count: Int) {
        var leaves = 1
        while leaves < count { leaves *= 2 }
        self.leaves = leaves
        times = Array(repeating: .infinity, count: leaves)
        winners = Array(repeating: 0, count: 2 * leaves)
        for leaf in 0..<leaves { winners[leaves + leaf] = Int32(leaf) }
        for node in stride(from: leaves - 1, to: 0, by: -1) { winners[node] = winners[2 * node] }
    }

    /// The server whose time is first.
    var first: Int { Int(winners[1]) }
    var firstAt: Double { times[first] }

    mutating func set(_ server: Int, to time: Double) {
        times[server] = time
        var node = (leaves + server) / 2
        while node > 0 {
            let (left, right) = (winners[2 * node], winners[2 * node + 1])
            winners[node] = times[Int(right)] < times[Int(left)] ? right : left
            node /= 2
        }
    }
}
