// A run of a monitoring plugin.

internal import Daemon

/// A program under way; it and all that it started end with its time.
final class ProgramRun: Run, Remains {
    private var program: ChildProgram
    private let request: ProgramRequest
    private let limitAt: Int64
    private var output: [UInt8] = []
    private var isClosed = false
    /// How long to wait until the next look at whether it has ended.
    private var wait: Int64 = 1_000_000
    private(set) var deadline: Int64

    private static let longestWait: Int64 = 50_000_000
    private static let mostReads = 16

    init(_ request: ProgramRequest, deadline: Int64) throws(SystemError) {
        program = try ChildProgram(request.arguments, as: request.user)
        self.request = request
        limitAt = deadline
        self.deadline = deadline
    }

    var number: Int32 { program.number }
    /// Nothing once it prints no more.
    var interest: Readiness { isClosed ? [] : .read }

    func advance(_ ready: Readiness, at now: Int64, buffer: UnsafeMutableRawBufferPointer)
        -> Progress
    {
        guard !isClosed else { return .waiting }
        for _ in 0..<Self.mostReads {
            do throws(SystemError) {
                guard let count = try program.receive(into: buffer) else { return .waiting }
                // Whatever it prints after that is read, so that it does not wait, and not kept.
                output += buffer[..<min(count, ProgramRequest.longestOutput - output.count)]
                if count > 0 { continue }
            } catch {
                return .done(.failed(error.description))
            }
            isClosed = true
            program.closeOutput()
            return look(at: now)
        }
        return .waiting
    }

    func expire(at now: Int64) -> Progress {
        guard now < limitAt else {
            return .done(.failed(Shown.cut("\(request.path) did not end in time")))
        }
        return look(at: now)
    }

    /// Takes its end if it has come; no descriptor tells it on every kernel.
    private func look(at now: Int64) -> Progress {
        if let ending = program.ending() {
            return .done(request.outcome(ending, output: output))
        }
        deadline = min(limitAt, now + wait)
        wait = min(wait * 2, Self.longestWait)
        return .waiting
    }

    func abandon() -> (any Remains)? {
        program.kill()
        return isGone() ? nil : self
    }

    func isGone() -> Bool { program.ending() != nil }
}
