// How small values of other targets are kept in a recording of what is known.

package import Protocol

extension Cluster {
    /// Whether every member is of a server that there is: to be asked of what comes from a file.
    package var isConnected: Bool {
        services.allSatisfy { service in
            service.members.allSatisfy { servers.indices.contains($0.server) }
        }
    }
}

extension Weight: Codable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let weight = Self(try container.decode(Int.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a weight is out of range")
        }
        self = weight
    }
}

extension Scheduler: Codable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    package init(from decoder: any Decoder) throws {
        self.init(name: try decoder.singleValueContainer().decode(String.self))
    }
}

// The protocol's own target does without Codable, for the agent is to stay small.
extension HostState: Codable {}
extension StateReason: Codable {}

extension ServiceID: Codable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Self(rawValue: try container.decode(UInt16.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "0 is no service")
        }
        self = id
    }
}
