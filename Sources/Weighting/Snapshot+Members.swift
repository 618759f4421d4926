// What the snapshot has of a member beside its weight: its checks, and what went through it.

extension Snapshot {
    /// One of a member's checks.
    package struct Check: Equatable, Sendable, Codable {
        /// As in `http 10.0.0.1:80`.
        package var name: String
        /// Nothing until enough answers of one kind came in a row.
        package var isUp: Bool?
        /// How the newest run ended.
        package var text: String?
        /// How long ago that was.
        package var ageSeconds: Double?

        package init(name: String, isUp: Bool?, text: String?, ageSeconds: Double?) {
            self.name = name
            self.isUp = isUp
            self.text = text
            self.ageSeconds = ageSeconds
        }

        private enum CodingKeys: String, CodingKey {
            case name, text, ageSeconds
            case isUp = "up"
        }
    }

    /// What went through a member since the master began to look; in is towards the server.
    package struct Traffic: Equatable, Sendable, Codable {
        package var connections: UInt64
        package var inPackets: UInt64
        package var outPackets: UInt64
        package var inBytes: UInt64
        package var outBytes: UInt64
        /// Nothing in the first seconds.
        package var perSecond: Rates?

        package struct Rates: Equatable, Sendable, Codable {
            package var connections: Double
            package var inPackets: Double
            package var outPackets: Double
            package var inBytes: Double
            package var outBytes: Double

            package init(
                connections: Double, inPackets: Double, outPackets: Double, inBytes: Double,
                outBytes: Double
            ) {
                self.connections = connections
                self.inPackets = inPackets
                self.outPackets = outPackets
                self.inBytes = inBytes
                self.outBytes = outBytes
            }
        }

        package init(
            connections: UInt64, inPackets: UInt64, outPackets: UInt64, inBytes: UInt64,
            outBytes: UInt64, perSecond: Rates?
        ) {
            self.connections = connections
            self.inPackets = inPackets
            self.outPackets = outPackets
            self.inBytes = inBytes
            self.outBytes = outBytes
            self.perSecond = perSecond
        }
    }
}
