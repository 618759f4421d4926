// poise-agent wait-drained: asks the running agent until no connection of a service is left.

internal import CLinux
internal import Daemon

/// One wait, for scripts that stop a service only when nobody uses it.
struct WaitDrained {
    /// From one question to the next; while it is asked, the agent asks its masters at each report.
    private static let pause: Int64 = 500_000_000
    private static let patience: Int64 = 2_000_000_000

    let service: String
    let runFolder: String

    /// The socket that the agent of `runFolder` answers on.
    static func socketPath(in runFolder: String) -> String { "\(runFolder)/agent.sock" }

    func run(timeoutMilliseconds: Int) -> ExitCode {
        let startedAt = MonotonicClock.now()
        let deadline = startedAt + Int64(timeoutMilliseconds) * 1_000_000
        var wasAnswered = false
        while true {
            let answer = ask(startedAt: startedAt)
            let isOver = MonotonicClock.now() >= deadline
            switch answer {
            case .failure(let error):
                // An agent that restarts meanwhile is waited for; one that never ran is not.
                guard wasAnswered, !isOver else { return fail(error) }
            case .success(.drained):
                return .done
            case .success(.unknownService(let known)):
                Output.error(
                    "poise-agent: no service called \"\(service)\" here; there "
                        + (known.isEmpty ? "are none" : "is \(known.joined(separator: ", "))")
                        + "\n")
                return .failed
            case .success(.waits(let reasons)):
                wasAnswered = true
                guard isOver else { break }
                Output.error(
                    "poise-agent: \(service) is not drained after "
                        + "\(timeText(timeoutMilliseconds)): \(reasons.joined(separator: "; "))\n"
                        + "  a file in \(runFolder)/maintenance asks for the drain; what else is in\n"
                        + "  its way, poise explain says on the director\n")
                return .timedOut
            }
            rest(until: min(deadline, MonotonicClock.now() + Self.pause))
        }
    }

    /// One question; what the agent heard before `startedAt` does not end the wait.
    private func ask(startedAt: Int64) -> Result<DrainStatus.Answer, SystemError> {
        let path = Self.socketPath(in: runFolder)
        // The answer is made after this, so nothing in it seems younger than it is.
        let age = (MonotonicClock.now() - startedAt) / 1_000_000
        do throws(SystemError) {
            let text = try LocalQuestion.ask(path, until: MonotonicClock.now() + Self.patience)
            guard let status = DrainStatus(text: text) else {
                throw SystemError("understand what answers at \(path)", number: EPROTO)
            }
            return .success(status.answer(for: service, noOlderThan: age))
        } catch {
            return .failure(error)
        }
    }

    private func fail(_ error: SystemError) -> ExitCode {
        let isAbsent = error.number == ENOENT || error.isRefusal
        Output.error(
            "poise-agent: \(error)\n"
                + (isAbsent ? "  no agent runs here, or its run-folder is another one\n" : ""))
        return isAbsent || error.number == ETIMEDOUT ? .unreachable : .failed
    }

    private func rest(until instant: Int64) {
        guard let poller = try? Poller() else { return }
        while MonotonicClock.now() < instant {
            guard (try? poller.wait(until: instant) { _, _ in }) != nil else { return }
        }
    }
}
