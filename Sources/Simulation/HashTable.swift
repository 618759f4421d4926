// The schedulers that send a client where its address says: mh and sh, as the kernel fills them.

/// Places of the address's hash, each with its server.
struct HashTable: Sendable {
    /// Of sh: IP_VS_SH_TAB_SIZE.
    static let bucketCount = 256
    /// Of mh: the prime of IP_VS_MH_TAB_INDEX 12, and how many bits of a weight count with it.
    private static let maglevCount = 4_093
    private static let maglevBits = 6

    private var places: [Int32] = []
    /// Of mh: a destination that went to 0 keeps its places, and refuses who comes.
    private var lastWeights: [Int] = []

    /// The server of a client; nothing when its place is nobody's or takes no connections.
    func pick(_ destinations: [Director.Destination], hash: UInt64) -> Int? {
        guard !places.isEmpty else { return nil }
        let server = Int(places[Int(hash % UInt64(places.count))])
        return destinations[server].takesConnections ? server : nil
    }

    /// As ip_vs_sh.c: so many buckets in a row as the weight says, and around until all are full.
    mutating func fillInTurn(_ destinations: [Director.Destination]) {
        let present = destinations.indices.filter { !destinations[$0].isAbsent }
        places = []
        guard !present.isEmpty else { return }
        var (turn, taken) = (0, 0)
        for _ in 0..<Self.bucketCount {
            let server = present[turn]
            places.append(Int32(server))
            taken += 1
            guard taken >= destinations[server].weight else { continue }
            (turn, taken) = ((turn + 1) % present.count, 0)
        }
    }

    /// As ip_vs_mh.c: each destination takes its next free place in an order of its own, in turns
    /// as its weight says.
    mutating func fillAsMaglev(_ destinations: [Director.Destination]) {
        if lastWeights.count != destinations.count { lastWeights = destinations.map { _ in 0 } }
        for (server, destination) in destinations.enumerated() where destination.weight > 0 {
            lastWeights[server] = destination.weight
        }
        var sources = turns(destinations).enumerated().compactMap { server, turns in
            turns > 0 ? Source(server: server, turns: turns) : nil
        }
        places = []
        guard !sources.isEmpty else { return }
        var filled = [Int32](repeating: -1, count: Self.maglevCount)
        var left = Self.maglevCount
        while left > 0 {
            for index in sources.indices {
                for _ in 0..<sources[index].turns where left > 0 {
                    while filled[sources[index].place] >= 0 { sources[index].step() }
                    filled[sources[index].place] = Int32(sources[index].server)
                    left -= 1
                }
            }
        }
        places = filled
    }

    /// How many places each takes at a time: its weight in six bits.
    private func turns(_ destinations: [Director.Destination]) -> [Int] {
        let weights = destinations.indices.map { destinations[$0].isAbsent ? 0 : lastWeights[$0] }
        let divisor = weights.reduce(0, RoundRobin.greatestDivisor)
        guard divisor > 0 else { return weights.map { _ in 0 } }
        let most = (weights.max() ?? 0) / divisor
        let shift = max(0, Int.bitWidth - most.leadingZeroBitCount - Self.maglevBits)
        return weights.map { $0 == 0 ? 0 : max(1, ($0 / divisor) >> shift) }
    }

    /// A destination that fills places.
    private struct Source {
        let server: Int
        let turns: Int
        private(set) var place: Int
        private let skip: Int

        /// The kernel hashes the address; here the server's number stands for it.
        init(server: Int, turns: Int) {
            (self.server, self.turns) = (server, turns)
            var dice = Dice(seed: UInt64(server), for: .picks)
            place = dice.index(below: HashTable.maglevCount)
            skip = dice.index(below: HashTable.maglevCount - 1) + 1
        }

        mutating func step() { place = (place + skip) % HashTable.maglevCount }
    }
}
