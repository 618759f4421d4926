// The simulated director: destinations with weights and connections, as the kernel holds them.

/// One virtual service in the kernel's table; its destinations are named by their server.
struct Director: Sendable {
    let scheduler: SimulatedScheduler
    private(set) var destinations: [Destination]
    /// Weights written since it was last asked.
    private var editCount = 0

    private var roundRobin = RoundRobin()
    private var smooth = SmoothRoundRobin()
    private var table = HashTable()
    /// Closed connections, which the kernel remembers for a while.
    private var closed = Fifo<Closed>()

    struct Destination: Sendable {
        var weight: Int
        /// Nothing while it is in the table; else nobody sends it anything.
        var isAbsent = false
        var active = 0
        var inactive = 0
        /// Connections ever given to it since it is in the table.
        var scheduled = 0
        /// How often it was put into the table.
        var stay: UInt32 = 0

        var takesConnections: Bool { weight > 0 && !isAbsent }
    }

    private struct Closed: Sendable {
        let forgottenAt: Double
        let server: Int32
        let stay: UInt32
    }

    /// How long the kernel remembers a closed connection: about FIN_WAIT, ip_vs_proto_tcp.c.
    static let inactiveSeconds = 120.0

    init(scheduler: SimulatedScheduler, weights: [Int]) {
        self.scheduler = scheduler
        destinations = weights.map { Destination(weight: $0) }
        rebuild()
    }

    /// The server of a new connection; nothing when none takes any.
    mutating func pick(_ dice: inout Dice, at now: Double) -> Int? {
        forget(at: now)
        switch scheduler {
        case .wrr: return roundRobin.pick(destinations)
        case .swrr: return smooth.pick(destinations)
        case .mh, .sh: return table.pick(destinations, hash: dice.next())
        case .wlc: return pickLeast { ($0.active << 8) + $0.inactive }
        case .sed: return pickLeast { $0.active + 1 }
        case .nq:
            return destinations.firstIndex { $0.takesConnections && $0.active == 0 }
                ?? pickLeast { $0.active + 1 }
        case .jsq: return nil
        }
    }

    /// The first with the least overhead for each unit of its weight, as ip_vs_sed.c and
    /// ip_vs_wlc.c compare them: across, without a division.
    @inline(__always)
    private func pickLeast(_ overhead: (Destination) -> Int) -> Int? {
        var best: Int?
        var (bestOverhead, bestWeight) = (0, 1)
        for (server, destination) in destinations.enumerated()
        where destination.takesConnections {
            let overhead = overhead(destination)
            if best == nil || bestOverhead * destination.weight > overhead * bestWeight {
                (best, bestOverhead, bestWeight) = (server, overhead, destination.weight)
            }
        }
        return best
    }

    mutating func open(_ server: Int) {
        destinations[server].active += 1
        destinations[server].scheduled += 1
    }

    /// A connection ends that was opened in that stay of its server.
    mutating func close(_ server: Int, stay: UInt32, at now: Double) {
        guard destinations[server].stay == stay else { return }
        destinations[server].active -= 1
        destinations[server].inactive += 1
        closed.append(
            Closed(
                forgottenAt: now + Self.inactiveSeconds, server: Int32(server), stay: stay))
    }

    private mutating func forget(at now: Double) {
        while let oldest = closed.first, oldest.forgottenAt <= now {
            _ = closed.popFirst()
            let server = Int(oldest.server)
            if destinations[server].stay == oldest.stay { destinations[server].inactive -= 1 }
        }
    }

    mutating func setWeight(_ server: Int, to weight: Int) {
        guard destinations[server].weight != weight else { return }
        destinations[server].weight = weight
        editCount += 1
        rebuild()
    }

    /// How many weights were written since the last call.
    mutating func takeEditCount() -> Int {
        defer { editCount = 0 }
        return editCount
    }

    /// Takes a server out of the table, and with it its connections.
    mutating func remove(_ server: Int) {
        destinations[server].isAbsent = true
        destinations[server].stay += 1
        destinations[server].active = 0
        destinations[server].inactive = 0
        destinations[server].scheduled = 0
        rebuild()
    }

    mutating func add(_ server: Int, weight: Int) {
        destinations[server].isAbsent = false
        destinations[server].weight = weight
        rebuild()
    }

    private mutating func rebuild() {
        switch scheduler {
        case .wrr: roundRobin.change(destinations)
        case .mh: table.fillAsMaglev(destinations)
        case .sh: table.fillInTurn(destinations)
        case .wlc, .sed, .nq, .swrr, .jsq: break
        }
    }
}
