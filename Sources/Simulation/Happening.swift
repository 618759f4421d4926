// What is on the calendar of the simulation, besides arrivals and finished requests.

struct Happening: Due, Sendable {
    let at: Double
    let kind: Kind

    enum Kind: Sendable {
        /// A client on a long connection asks again.
        case request(connection: Int32)
        case report(server: Int32)
        case heard(message: Int32)
        case tick
        case sample
        /// Bursts begin or end.
        case phase
        /// A fault begins, goes on or ends.
        case speed(server: Int32, neighbour: Double)
        case failing(server: Int32, share: Double)
        case pause(server: Int32, fault: Int32, begins: Bool)
        case fall(server: Int32)
        case missed(server: Int32)
        case rise(server: Int32, warmupSeconds: Double)
        case warmer(server: Int32)
    }
}
