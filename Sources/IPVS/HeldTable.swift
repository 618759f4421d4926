// What a plan's steps are held against: the destinations as they were just read.

import CNetlink
import Weighting

/// The services a plan names, freshly read; turns steps into requests or settles them unwritten.
struct HeldTable {
    private var destinations: [ServiceKey: [DestinationKey: KernelDestination]] = [:]
    /// What every step of a service comes to that could not be read.
    private var settled: [ServiceKey: StepOutcome.Result] = [:]

    enum Prepared: Equatable {
        case settled(StepOutcome.Result)
        case write(Request)
    }

    func knows(_ service: ServiceKey) -> Bool {
        destinations[service] != nil || settled[service] != nil
    }

    /// What the service has, each destination once; `nil` if it is gone.
    mutating func take(_ found: [KernelDestination]?, of service: ServiceKey) {
        guard let found else {
            settled[service] = .serviceGone
            return
        }
        destinations[service] = Dictionary(
            found.map { ($0.destination.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func take(_ error: IPVSError, for service: ServiceKey) {
        settled[service] = .refused(error)
    }

    mutating func prepare(_ step: Plan.Step) -> Prepared {
        switch step {
        case .setWeight(let service, let destination, let from, let to, _):
            if let result = settled[service] { return .settled(result) }
            guard let held = destinations[service]?[destination] else {
                return .settled(.destinationGone)
            }
            let weight = held.destination.weight
            if let result = StepOutcome.Result.beforeWriting(from: from, to: to, held: weight) {
                return .settled(result)
            }
            // A later step of the same plan is held against what this one leaves.
            destinations[service]?[destination]?.destination.weight = to.rawValue
            return .write(
                Request(
                    command: Int(IPVS_CMD_SET_DEST), flags: NLM_F_ACK,
                    attributes: held.attributes(withWeight: to, in: service)))
        }
    }
}

extension Plan.Step {
    /// What the step does, as an error names it.
    var action: String {
        switch self {
        case .setWeight(let service, let destination, _, let to, _):
            "set the weight of \(destination) in \(service) to \(to.rawValue)"
        }
    }
}
