// How far each service is drained: what the running agent tells, and what wait-drained reads.

internal import Protocol

/// One line for each service and each master, with what the master said of the service last.
struct DrainStatus: Equatable {
    struct Line: Equatable {
        let service: String
        let master: String
        /// `nil` when the master said nothing of it within the last 10 s.
        let standing: Standing?
    }

    struct Standing: Equatable {
        /// The weight in the master's kernel; `nil` when this server is not in its table.
        let weight: UInt16?
        /// `nil` when the master does not know.
        let connections: UInt64?
        /// Since the agent heard it; a begun millisecond counts whole.
        let ageMilliseconds: Int64

        /// Whether nothing is left and nothing new comes.
        var isDrained: Bool {
            // Of what its kernel does not have, a master cannot know connections.
            weight == nil ? connections ?? 0 == 0 : weight == 0 && connections == 0
        }
    }

    /// The first line says which form this is, the last that nothing is missing.
    private static let heading = "poise-agent drain 1"
    private static let end = "end"

    var lines: [Line] = []

    /// Every service with every master.
    init(services: [Configuration.Service], masters: [Destination], at now: Int64) {
        for service in services {
            for master in masters {
                let standing = master.standings.first { standing in
                    standing.said.id == service.id
                        && now - standing.heardAt < Destination.silence
                }
                lines.append(
                    Line(
                        service: service.name, master: "\(master.address)",
                        standing: standing.map {
                            Standing(
                                weight: $0.said.weight, connections: $0.said.activeConnections,
                                ageMilliseconds: (now - $0.heardAt + 999_999) / 1_000_000)
                        }))
            }
        }
    }

    /// As it goes over the socket: words with one blank between, `-` for what is not known.
    var text: String {
        var text = "\(Self.heading)\n"
        for line in lines {
            let said: String? = line.standing.map { standing in
                let weight = standing.weight.map { "\($0)" } ?? "-"
                let connections = standing.connections.map { "\($0)" } ?? "-"
                return "\(weight) \(connections) \(standing.ageMilliseconds)"
            }
            text += "\(line.service) \(line.master) \(said ?? "silent")\n"
        }
        return text + "\(Self.end)\n"
    }

    /// Reads ``text``; `nil` for anything else.
    init?(text: String) {
        var rest = text.split(separator: "\n")
        guard rest.first == Self.heading[...], rest.popLast() == Self.end[...] else { return nil }
        for line in rest.dropFirst() {
            let words = line.split(separator: " ").map(String.init)
            switch words.count {
            case 3 where words[2] == "silent":
                lines.append(Line(service: words[0], master: words[1], standing: nil))
            case 5:
                guard let age = Int64(words[4]), age >= 0 else { return nil }
                lines.append(
                    Line(
                        service: words[0], master: words[1],
                        standing: Standing(
                            weight: UInt16(words[2]), connections: UInt64(words[3]),
                            ageMilliseconds: age)))
            default:
                return nil
            }
        }
    }
}

extension DrainStatus {
    enum Answer: Equatable {
        case drained
        /// What is still in the way, for people.
        case waits(for: [String])
        case unknownService(known: [String])
    }

    /// Whether every master says that nothing of `service` is left here.
    ///
    /// A silent one does not: its kernel may still send connections. Nor does one whose word is
    /// older than `ageMilliseconds`: connections may have come since.
    func answer(for service: String, noOlderThan ageMilliseconds: Int64) -> Answer {
        let lines = lines.filter { $0.service == service }
        guard !lines.isEmpty else {
            return .unknownService(known: Set(self.lines.map(\.service)).sorted())
        }
        let waits: [String] = lines.compactMap { line in
            guard let standing = line.standing else {
                return "the master at \(line.master) says nothing of \(service)"
            }
            if standing.isDrained {
                guard standing.ageMilliseconds > ageMilliseconds else { return nil }
                return "the master at \(line.master) has not answered yet"
            }
            let weight = standing.weight.map { "weight \($0)" } ?? "no weight"
            let connections =
                standing.connections.map { "\($0) connection\($0 == 1 ? "" : "s")" }
                ?? "an unknown number of connections"
            return "\(weight) and \(connections) by the master at \(line.master)"
        }
        return waits.isEmpty ? .drained : .waits(for: waits)
    }
}
