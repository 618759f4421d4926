// The kernel's table: read service by service, written one step at a time in batches.

import CNetlink
import Glibc
package import Weighting

/// The IPVS table of the network namespace of the thread that uses it.
///
/// Belongs to one thread. Opens its socket when first used, and again after trouble, so that it
/// outlives a module that is loaded late.
package final class KernelTable: IPVSTable {
    private var conversation: Conversation
    private let isOfKubeProxy: () -> Bool

    /// What kube-proxy makes where it keeps its services in IPVS.
    static let kubeProxyInterface = "kube-ipvs0"

    package init() {
        conversation = Conversation { () throws(IPVSError) in try NetlinkSocket() }
        isOfKubeProxy = { if_nametoindex(Self.kubeProxyInterface) != 0 }
    }

    /// For a kernel played by a test.
    init(
        isOfKubeProxy: @escaping () -> Bool = { false }, open: @escaping Conversation.Opening
    ) {
        self.isOfKubeProxy = isOfKubeProxy
        conversation = Conversation(open: open)
    }

    package func read(_ services: [ServiceKey]) throws(IPVSError) -> Table {
        guard !isOfKubeProxy() else { throw .ownedByKubeProxy }
        var table = Table()
        for key in services {
            guard let (service, destinations) = try find(key) else { continue }
            table.services.append(
                Table.Service(
                    key: key, scheduler: service.setup.scheduler,
                    fallsBack: service.setup.fallsBack,
                    destinations: destinations.map(\.destination), setup: service.setup,
                    details: destinations.map(\.detail)))
        }
        return table
    }

    package func services() throws(IPVSError) -> [ServiceKey] {
        let request = Request(
            command: Int(IPVS_CMD_GET_SERVICE), flags: NLM_F_ROOT | NLM_F_MATCH,
            attributes: Attributes())
        let found = try conversation.ask(
            request, to: "list the services", decode: KernelService.init(entry:))
        // The dump goes on by index, as that of destinations.
        var seen: Set<ServiceKey> = []
        return (found ?? []).map(\.key).filter { seen.insert($0).inserted }
    }

    package func apply(_ plan: Plan) -> [StepOutcome] {
        var held: HeldTable
        do throws(IPVSError) {
            guard plan.steps.isEmpty || !isOfKubeProxy() else { throw .ownedByKubeProxy }
            held = try hold(plan)
        } catch {
            return plan.steps.map { StepOutcome(step: $0, result: .refused(error)) }
        }
        var outcomes: [StepOutcome] = []
        outcomes.reserveCapacity(plan.steps.count)
        var writes: [(index: Int, request: Request)] = []
        for step in plan.steps {
            switch held.prepare(step) {
            case .settled(let result):
                outcomes.append(StepOutcome(step: step, result: result))
            case .write(let request):
                writes.append((outcomes.count, request))
                // Replaced when its batch is answered, or was not.
                outcomes.append(StepOutcome(step: step, result: .serviceGone))
            }
        }
        var end: IPVSError?
        for start in stride(from: 0, to: writes.count, by: Self.batchCount) {
            let batch = writes[start..<min(start + Self.batchCount, writes.count)]
            let results =
                if let end {
                    Array(repeating: StepOutcome.Result.refused(end), count: batch.count)
                } else {
                    write(batch.map(\.request), of: batch.map { plan.steps[$0.index] })
                }
            for (write, result) in zip(batch, results) { outcomes[write.index].result = result }
            end = end ?? results.lazy.compactMap(\.errorThatEndsPlan).first
        }
        return outcomes
    }

    /// The services the plan names, as they are now; throws only what ends the plan.
    private func hold(_ plan: Plan) throws(IPVSError) -> HeldTable {
        var held = HeldTable()
        var newest: ServiceKey?
        for step in plan.steps where step.needsReading && step.service != newest {
            let service = step.service
            newest = service
            if held.knows(service) { continue }
            do throws(IPVSError) {
                held.take(try find(service)?.destinations, of: service)
            } catch {
                guard !error.endsPlan else { throw error }
                held.take(error, for: service)
            }
        }
        return held
    }

    /// One result for each request, whose acknowledgements are told apart by sequence number.
    private func write(_ requests: [Request], of steps: [Plan.Step]) -> [StepOutcome.Result] {
        do throws(IPVSError) {
            let answers = try conversation.send(requests)
            return zip(answers.list, steps).map { answer, step in
                answer.endErrno.map { StepOutcome.Result(errno: $0, to: step) }
                    ?? .refused(.inconsistent(to: step.action, answers.fault))
            }
        } catch {
            return Array(repeating: .refused(error), count: requests.count)
        }
    }

    /// A service with its destinations, each once; `nil` when there is no such service.
    ///
    /// The kernel ends the dump of a service that vanished as if nothing were left to tell, even
    /// in its middle, so the service must be there before and after.
    private func find(
        _ key: ServiceKey
    ) throws(IPVSError) -> (service: KernelService, destinations: [KernelDestination])? {
        guard try findAlone(key) != nil else { return nil }
        let request = Request(
            command: Int(IPVS_CMD_GET_DEST), flags: NLM_F_ROOT | NLM_F_MATCH,
            attributes: key.attributes)
        let found = try conversation.ask(
            request, to: "read the destinations of \(key)"
        ) { entry throws(AnswerFault) in
            try KernelDestination(entry: entry, family: key.family)
        }
        guard let found, let service = try findAlone(key) else { return nil }
        // The dump goes on by index: a removal meanwhile shifts, an addition doubles.
        var seen: Set<DestinationKey> = []
        return (service, found.filter { seen.insert($0.destination.key).inserted })
    }

    private func findAlone(_ key: ServiceKey) throws(IPVSError) -> KernelService? {
        let request = Request(
            command: Int(IPVS_CMD_GET_SERVICE), flags: NLM_F_ACK, attributes: key.attributes)
        let action = "read \(key)"
        let found = try conversation.ask(
            request, to: action, decode: KernelService.init(entry:))
        guard let found else { return nil }
        guard let service = found.first, service.key == key else {
            throw .inconsistent(to: action, .malformed("a service"))
        }
        return service
    }

    // What holds for the whole table

    package func timeouts() throws(IPVSError) -> Timeouts {
        let action = "read the timeouts"
        let request = Request(
            command: Int(IPVS_CMD_GET_CONFIG), flags: NLM_F_ACK, attributes: Attributes())
        let found = try conversation.ask(request, to: action, decode: Timeouts.init(entry:))
        guard let timeouts = found?.first else {
            throw .inconsistent(to: action, .malformed("the timeouts"))
        }
        return timeouts
    }

    package func set(_ timeouts: Timeouts) throws(IPVSError) {
        try order(Int(IPVS_CMD_SET_CONFIG), timeouts.attributes, to: "set the timeouts")
    }

    package func daemons() throws(IPVSError) -> [SyncDaemon] {
        let request = Request(
            command: Int(IPVS_CMD_GET_DAEMON), flags: NLM_F_ROOT | NLM_F_MATCH,
            attributes: Attributes())
        return try conversation.ask(
            request, to: "list the sync daemons", decode: SyncDaemon.init(entry:)) ?? []
    }

    package func start(_ daemon: SyncDaemon) throws(IPVSError) {
        try order(Int(IPVS_CMD_NEW_DAEMON), daemon.attributes, to: daemon.startAction)
    }

    package func stop(_ daemon: SyncDaemon) throws(IPVSError) {
        try order(Int(IPVS_CMD_DEL_DAEMON), daemon.attributes, to: daemon.stopAction)
    }

    /// One request that is only acknowledged.
    private func order(
        _ command: Int, _ attributes: Attributes, to action: String
    ) throws(IPVSError) {
        let answers = try conversation.send([
            Request(command: command, flags: NLM_F_ACK, attributes: attributes)
        ])
        switch answers.list[0].endErrno {
        case 0: return
        case let errno?: throw IPVSError(to: action, errno: errno)
        case nil: throw .inconsistent(to: action, answers.fault)
        }
    }

    /// Messages in one send; more were measured to gain nothing.
    private static let batchCount = 32
}
