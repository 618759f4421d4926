// The knobs of the law. Each is declared once, here: key, standard value, bounds, unit and help.

/// How weights follow load.
package struct Policy: Equatable, Sendable, Codable {
    /// Between two decisions, seconds.
    package var interval = 0.5
    /// How hard the trim pulls toward equal load.
    package var gain = 0.75
    /// The share of a weight that a change must exceed to be written.
    package var deadband = 0.05
    /// The least share of the mean weight that load alone may leave a server.
    package var floor = 0.02
    /// A weight grows at most by this factor in a second.
    package var rise = 1.5
    /// A weight shrinks at most by this factor in a second.
    package var fall = 6.0
    /// The most that load gives a server, in units of its base share.
    package var mostShare = 2.0
    /// Of a server's requests, those that may fail without any notice.
    package var errorTolerance = 0.02
    /// So many above that, as a share of its requests, and the server is taken out.
    package var errorEjection = 0.3
    /// The time constant with which errors are forgotten, seconds.
    package var errorMemory = 30.0
    /// A newcomer comes to its share in this time, seconds.
    package var slowStart = 10.0
    /// A report older than this is stale, seconds.
    package var silence = 5.0
    /// What counts as load beside the processor.
    package var resources = Resources()

    package init() {}
}

extension Policy {
    /// One entry of the policy file.
    package struct Knob: Sendable {
        package enum Unit: Sendable {
            case seconds
            case share
            case factor
        }

        /// The path of keys in the file, such as `limits.floor`.
        package let key: String
        package let unit: Unit
        package let allowed: ClosedRange<Double>
        package let help: String
        package let field: any WritableKeyPath<Policy, Double> & Sendable

        /// The value when the file says nothing.
        package var standard: Double { Policy()[keyPath: field] }
    }

    /// Every knob, in the order of the file.
    package static let knobs: [Knob] = [
        Knob(
            key: "interval", unit: .seconds, allowed: 0.1...10,
            help: "Between two decisions. Agents should report as often.", field: \.interval),
        // Above 4, gain × interval / time constant can pass 1, where the loop oscillates.
        Knob(
            key: "gain", unit: .factor, allowed: 0...4,
            help: "How hard weights pull toward equal load. 0 leaves the capacity estimate alone.",
            field: \.gain),
        Knob(
            key: "deadband", unit: .share, allowed: 0...0.5,
            help: "A weight is written when it differs from the kernel's by more than this.",
            field: \.deadband),
        Knob(
            key: "limits.floor", unit: .share, allowed: 0.001...0.5,
            help: "The least weight that load alone gives a server, as a share of the mean.",
            field: \.floor),
        Knob(
            key: "limits.rise", unit: .factor, allowed: 1.05...10,
            help: "A weight grows at most by this factor in a second.", field: \.rise),
        Knob(
            key: "limits.fall", unit: .factor, allowed: 1.05...10,
            help: "A weight shrinks at most by this factor in a second.", field: \.fall),
        Knob(
            key: "limits.share", unit: .factor, allowed: 1.2...10,
            help: "The most that load gives a server, in units of its base share.",
            field: \.mostShare),
        Knob(
            key: "errors.tolerance", unit: .share, allowed: 0.001...0.5,
            help: "A server of which no more requests fail is not judged by its errors.",
            field: \.errorTolerance),
        Knob(
            key: "errors.ejection", unit: .share, allowed: 0.05...1,
            help: "A server is out before so many more of its requests fail than are tolerated.",
            field: \.errorEjection),
        Knob(
            key: "errors.memory", unit: .seconds, allowed: 5...600,
            help: "Errors are forgotten with this time constant.", field: \.errorMemory),
        Knob(
            key: "slow_start", unit: .seconds, allowed: 0...600,
            help: "A server that comes back, or is new, comes to its share in this time.",
            field: \.slowStart),
        Knob(
            key: "silence", unit: .seconds, allowed: 1...300,
            help: "A report older than this, and than five intervals of its agent, is stale: "
                + "the weight holds.", field: \.silence),
        // At 1 nothing would be left to count in.
        Knob(
            key: "resources.memory", unit: .share, allowed: 0...0.99,
            help: "Memory in use counts from this share on, and is full at 100%. 0: not looked at.",
            field: \.resources.memory),
        Knob(
            key: "resources.memory_pressure", unit: .share, allowed: 0...1,
            help: "So much of the time stalled for memory is full use. 0: not looked at.",
            field: \.resources.memoryPressure),
        Knob(
            key: "resources.io_pressure", unit: .share, allowed: 0...1,
            help: "So much of the time stalled for storage is full use. 0: not looked at.",
            field: \.resources.ioPressure),
        Knob(
            key: "resources.in_flight", unit: .factor, allowed: 0...10_000,
            help: "So many requests in work for each core are full use. 0: not looked at.",
            field: \.resources.inFlight),
        Knob(
            key: "resources.service_load", unit: .share, allowed: 0...1,
            help: "So much load, as the service tells of itself, is full use. 0: not looked at.",
            field: \.resources.serviceLoad),
    ]

    /// The time constant of the slow averages, seconds.
    ///
    /// Four intervals at least, so that the loop stays far from oscillation: see docs/policy.md.
    package var slowTimeConstant: Double { max(8, 4 * interval) }

    /// The time constant of the fast averages, which see a change in about two reports; seconds.
    package var fastTimeConstant: Double { max(1.5, 2 * interval) }
}
