// A program that is run now and then, and prints names and values.

internal import Daemon

/// Runs one program, one at a time, and never waits for it.
///
///     idle ──interval──▶ running ──output ends, time is up, or too much──▶ ending ──▶ idle
final class ExecSource {
    struct Settings: Hashable {
        /// The program's path, then its arguments.
        let arguments: [String]
        /// `nil` is the agent's own.
        let user: String?
        let intervalNanoseconds: Int64
        let limitNanoseconds: Int64
    }

    /// A program under way.
    private final class Run {
        var program: ChildProgram
        let limitAt: Int64
        var output: [UInt8] = []
        var isEnding = false
        /// Why what it printed does not count.
        var fault: String?
        /// When to look again whether it has ended, and how long to wait after that.
        var lookAt: Int64 = 0
        var wait: Int64 = 1_000_000

        init(_ program: consuming ChildProgram, limitAt: Int64) {
            self.program = program
            self.limitAt = limitAt
        }
    }

    private static let longestWait: Int64 = 1_000_000_000

    let settings: Settings
    let readings = Readings(holding: true, faultBefore: nil)
    private let token: UInt64
    private var run: Run?
    private var dueAt: Int64?

    init(_ settings: Settings, token: UInt64) {
        self.settings = settings
        self.token = token
    }

    private var path: String { settings.arguments.first ?? "" }

    /// Whether a program runs that may still give figures.
    var isFetching: Bool { run.map { $0.fault == nil } ?? false }

    /// When to call ``expire(at:)``.
    var deadline: Int64? { run.map { $0.isEnding ? $0.lookAt : $0.limitAt } }

    /// Starts the program when it is due and the one before is gone.
    func begin(at now: Int64, poller: borrowing Poller) {
        guard run == nil, now >= dueAt ?? now else { return }
        dueAt = now + settings.intervalNanoseconds
        do throws(SystemError) {
            guard let user = try user() else { return }
            let started = Run(
                try ChildProgram(settings.arguments, as: user == .own ? nil : user),
                limitAt: now + settings.limitNanoseconds)
            try poller.add(started.program.number, for: .read, token: token)
            run = started
        } catch {
            readings.fail(error.description)
        }
    }

    /// Who runs the program; `nil` when the fault was told.
    private func user() throws(SystemError) -> UserNumbers? {
        guard let name = settings.user else {
            guard UserNumbers.own.user != 0 else {
                readings.fail("the agent runs as root: say with exec-user who runs \(path)")
                return nil
            }
            return .own
        }
        guard let user = try Accounts.user(name) else {
            readings.fail("exec-user: /etc/passwd knows no user \"\(name)\"")
            return nil
        }
        return user
    }

    /// Takes what the program printed; call it when the poller reports the token.
    func advance(at now: Int64, buffer: UnsafeMutableRawBufferPointer) {
        guard let run, !run.isEnding else { return }
        do throws(SystemError) {
            while let count = try run.program.receive(into: buffer) {
                guard count > 0 else {
                    end(run, nil, at: now)
                    return
                }
                run.output.append(contentsOf: buffer[..<count])
                guard run.output.count <= NameValueText.longestBytes else {
                    let most = NameValueText.longestBytes
                    end(run, "\(path) printed more than \(most) bytes", at: now)
                    return
                }
            }
        } catch {
            end(run, error.description, at: now)
        }
    }

    /// Ends a program whose time is up, and takes the end of one that is done.
    func expire(at now: Int64) {
        guard let run else { return }
        if !run.isEnding, now >= run.limitAt {
            let limit = timeText(Int(settings.limitNanoseconds / 1_000_000))
            end(run, "\(path) ran longer than \(limit) and was killed", at: now)
        } else if run.isEnding, now >= run.lookAt {
            finish(run, at: now)
        }
    }

    /// No more output is wanted; with a `fault` the program has to go.
    private func end(_ run: Run, _ fault: String?, at now: Int64) {
        run.program.closeOutput()
        run.isEnding = true
        if let fault {
            run.fault = fault
            run.program.kill()
            readings.fail(fault)
        }
        finish(run, at: now)
    }

    /// Takes the program's end if it has come.
    ///
    /// It comes a moment after the end of the output; no descriptor tells it on every kernel.
    private func finish(_ run: Run, at now: Int64) {
        guard let ending = run.program.ending() else {
            if run.fault == nil, now >= run.limitAt {
                run.fault = "\(path) closed its output and did not end"
                run.program.kill()
                readings.fail(run.fault ?? "")
            }
            run.lookAt = now + run.wait
            run.wait = min(run.wait * 2, Self.longestWait)
            return
        }
        self.run = nil
        guard run.fault == nil else { return }
        take(run.output, ending, at: now)
    }

    private func take(_ output: [UInt8], _ ending: ChildProgram.Ending, at now: Int64) {
        let user = settings.user.map { " as \($0)" } ?? ""
        switch ending {
        case .exited(status: 0):
            do throws(NameValueFault) {
                let text = try NameValueText(output)
                readings.take(text.values, state: text.state, at: now)
            } catch {
                readings.fail("what \(path) printed: \(error.text)")
            }
        case .exited(status: 126) where settings.user != nil:
            readings.fail(
                "\(path) could not be run\(user): the agent may not change its user; its unit needs "
                    + "AmbientCapabilities=CAP_SETUID CAP_SETGID CAP_KILL and the rest of the "
                    + "drop-in for exec-user in docs/agent.md")
        case .exited(status: 127):
            readings.fail("\(path) could not be run\(user): is it there, and executable?")
        case .exited(let status):
            readings.fail("\(path) ended with status \(status); run it\(user) by hand to see why")
        case .killed(let signal):
            readings.fail("\(path) was ended by signal \(signal)")
        }
    }
}
