// What a plan's steps are held against: the destinations as they were just read.

import CNetlink
import Weighting

/// The services a plan names, freshly read; turns steps into requests or settles them unwritten.
struct HeldTable {
    private var services: [ServiceKey: Int] = [:]
    private var destinations: [[KernelDestination]] = []
    /// What names each of them in a request.
    private var names: [[UInt8]] = []
    /// What every step of a service comes to that could not be read.
    private var settled: [ServiceKey: StepOutcome.Result] = [:]
    /// Where the newest step was: the next one is mostly of the same service.
    private var newest: (service: ServiceKey, index: Int, place: Int)?
    /// Only for steps that come in another order than the destinations have.
    private var places: [Int: [DestinationKey: Int]] = [:]

    enum Prepared: Equatable {
        case settled(StepOutcome.Result)
        case write(Request)
    }

    func knows(_ service: ServiceKey) -> Bool {
        services[service] != nil || settled[service] != nil
    }

    /// What the service has, each destination once; `nil` if it is gone.
    mutating func take(_ found: [KernelDestination]?, of service: ServiceKey) {
        guard let found else {
            settled[service] = .serviceGone
            return
        }
        services[service] = destinations.count
        destinations.append(found)
        names.append(service.attributes.bytes)
    }

    mutating func take(_ error: IPVSError, for service: ServiceKey) {
        settled[service] = .refused(error)
    }

    mutating func prepare(_ step: Plan.Step) -> Prepared {
        switch step {
        case .setWeight(let service, let destination, let from, let to, _):
            if let result = settled[service] { return .settled(result) }
            guard let (index, place) = find(destination, in: service) else {
                return .settled(.destinationGone)
            }
            let held = destinations[index][place].destination.weight
            if held == to.rawValue { return .settled(.alreadyThere) }
            if held != from { return .settled(.changedMeanwhile(found: held)) }
            // A later step of the same plan is held against what this one leaves.
            destinations[index][place].destination.weight = to.rawValue
            if let setup = destinations[index][place].edited {
                return .write(
                    Int(IPVS_CMD_SET_DEST),
                    destination.attributes(setup, weight: to.rawValue, in: service))
            }
            do throws(AnswerFault) {
                let payload = try destinations[index][place]
                    .payload(withWeight: to, service: names[index])
                return .write(
                    Request(command: Int(IPVS_CMD_SET_DEST), flags: NLM_F_ACK, payload: payload))
            } catch {
                return .settled(.refused(.inconsistent(to: step.action, error)))
            }
        case .editDestination(let service, let destination, let setup):
            if let result = settled[service] { return .settled(result) }
            guard let (index, place) = find(destination, in: service) else {
                return .settled(.destinationGone)
            }
            let weight = destinations[index][place].destination.weight
            destinations[index][place].edited = setup
            return .write(
                Int(IPVS_CMD_SET_DEST),
                destination.attributes(setup, weight: weight, in: service))
        case .makeService(let service, let setup):
            return .write(Int(IPVS_CMD_NEW_SERVICE), service.attributes(setup))
        case .editService(let service, let setup):
            return .write(Int(IPVS_CMD_SET_SERVICE), service.attributes(setup))
        case .removeService(let service):
            return .write(Int(IPVS_CMD_DEL_SERVICE), service.attributes)
        case .addDestination(let service, let destination, let setup, let weight):
            return .write(
                Int(IPVS_CMD_NEW_DEST),
                destination.attributes(setup, weight: weight.rawValue, in: service))
        case .removeDestination(let service, let destination):
            return .write(
                Int(IPVS_CMD_DEL_DEST), service.attributes(destination: destination.name))
        }
    }

    /// The indices of the service and of the destination in it.
    private mutating func find(
        _ destination: DestinationKey, in service: ServiceKey
    ) -> (index: Int, place: Int)? {
        let known = newest.flatMap { $0.service == service ? $0 : nil }
        guard let index = known?.index ?? services[service] else { return nil }
        let next = (known?.place ?? -1) + 1
        let place: Int
        if next < destinations[index].count,
            destinations[index][next].destination.key == destination
        {
            place = next
        } else {
            let all = destinations[index]
            let found =
                places[index]
                ?? Dictionary(
                    all.enumerated().map { ($1.destination.key, $0) },
                    uniquingKeysWith: { first, _ in first })
            places[index] = found
            guard let there = found[destination] else { return nil }
            place = there
        }
        newest = (service, index, place)
        return (index, place)
    }
}

extension HeldTable.Prepared {
    fileprivate static func write(_ command: Int, _ attributes: Attributes) -> Self {
        .write(Request(command: command, flags: NLM_F_ACK, attributes: attributes))
    }
}

extension Plan.Step {
    /// Whether the step rests on what the destination is now.
    var needsReading: Bool {
        switch self {
        case .setWeight, .editDestination: true
        case .makeService, .editService, .removeService, .addDestination, .removeDestination: false
        }
    }

    /// What the step does, as an error names it.
    var action: String {
        switch self {
        case .setWeight(let service, let destination, _, let to, _):
            "set the weight of \(destination) in \(service) to \(to.rawValue)"
        case .makeService(let service, let setup):
            "make \(service) with the scheduler \(setup.scheduler.name)"
        case .editService(let service, let setup):
            "set up \(service) with the scheduler \(setup.scheduler.name)"
        case .removeService(let service): "remove \(service)"
        case .addDestination(let service, let destination, _, _): "add \(destination) to \(service)"
        case .editDestination(let service, let destination, _):
            "set up \(destination) in \(service)"
        case .removeDestination(let service, let destination):
            "remove \(destination) from \(service)"
        }
    }
}
