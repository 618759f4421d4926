// The kernel's table: read whole, written one weight at a time in batches.

import CNetlink
import Glibc
package import Weighting

/// The IPVS table of the network namespace of the thread that uses it.
///
/// Belongs to one thread. Opens its socket when first used, and again after trouble, so that it
/// outlives a module that is loaded late.
package final class KernelTable: IPVSTable {
    private var conversation: Conversation

    package init() {
        conversation = Conversation { () throws(IPVSError) in try NetlinkSocket() }
    }

    /// For a kernel played by a test.
    init(open: @escaping Conversation.Opening) { conversation = Conversation(open: open) }

    package func read() throws(IPVSError) -> Table {
        let request = Request(
            command: Int(IPVS_CMD_GET_SERVICE), flags: Self.dumpFlags, attributes: Attributes())
        let services = try conversation.ask(
            request, to: "list the virtual services", decode: KernelService.init(entry:))
        var seen: Set<ServiceKey> = []
        var table = Table()
        for service in services ?? [] where seen.insert(service.key).inserted {
            guard let destinations = try destinations(of: service.key) else { continue }
            table.services.append(
                Table.Service(
                    key: service.key, scheduler: service.scheduler,
                    destinations: destinations.map(\.destination)))
        }
        return table
    }

    package func apply(_ plan: Plan) -> [StepOutcome] {
        var held = HeldTable()
        for case .setWeight(let service, _, _, _) in plan.steps where !held.knows(service) {
            do throws(IPVSError) {
                held.take(try destinations(of: service), of: service)
            } catch {
                held.take(error, for: service)
            }
        }
        var outcomes: [StepOutcome] = []
        var writes: [(index: Int, request: Request)] = []
        for step in plan.steps {
            switch held.prepare(step) {
            case .settled(let result):
                outcomes.append(StepOutcome(step: step, result: result))
            case .write(let request):
                writes.append((outcomes.count, request))
                let unanswered = IPVSError.inconsistent(to: step.action, .silence)
                outcomes.append(StepOutcome(step: step, result: .refused(unanswered)))
            }
        }
        for start in stride(from: 0, to: writes.count, by: Self.batchCount) {
            let batch = writes[start..<min(start + Self.batchCount, writes.count)]
            let results = write(batch.map(\.request), of: batch.map { plan.steps[$0.index].action })
            for (write, result) in zip(batch, results) { outcomes[write.index].result = result }
        }
        return outcomes
    }

    /// One result for each request, whose acknowledgements are told apart by sequence number.
    private func write(_ requests: [Request], of actions: [String]) -> [StepOutcome.Result] {
        do throws(IPVSError) {
            let answers = try conversation.send(requests)
            return zip(answers.list, actions).map { answer, action in
                switch answer.endErrno {
                case 0: .done
                case ESRCH: .serviceGone
                case ENOENT: .destinationGone
                case let errno?: .refused(IPVSError(to: action, errno: errno))
                case nil: .refused(.inconsistent(to: action, answers.fault))
                }
            }
        } catch {
            return Array(repeating: .refused(error), count: requests.count)
        }
    }

    /// The destinations of a service, each once; `nil` when there is no such service.
    ///
    /// The kernel ends the dump of a service that vanished as if nothing were left to tell, even
    /// in its middle, so the service must be there before and after.
    private func destinations(of service: ServiceKey) throws(IPVSError) -> [KernelDestination]? {
        guard try exists(service) else { return nil }
        let request = Request(
            command: Int(IPVS_CMD_GET_DEST), flags: Self.dumpFlags, attributes: service.attributes)
        let found = try conversation.ask(
            request, to: "read the destinations of \(service)"
        ) { entry throws(AnswerFault) in
            try KernelDestination(entry: entry, family: service.family)
        }
        guard let found, try exists(service) else { return nil }
        // The dump goes on by index: a removal meanwhile shifts, an addition doubles.
        var seen: Set<DestinationKey> = []
        return found.filter { seen.insert($0.destination.key).inserted }
    }

    private func exists(_ service: ServiceKey) throws(IPVSError) -> Bool {
        let request = Request(
            command: Int(IPVS_CMD_GET_SERVICE), flags: NLM_F_ACK, attributes: service.attributes)
        return try conversation.ask(request, to: "read \(service)") { _ in () } != nil
    }

    private static let dumpFlags = NLM_F_ROOT | NLM_F_MATCH
    /// Messages in one send; more were measured to gain nothing.
    private static let batchCount = 32
}
