// How each kind of check begins.

internal import Daemon

extension Probe {
    /// What it needs of TLS, if it does.
    var tls: TLSSettings? {
        guard case .page(let request) = self else { return nil }
        return request.tls
    }
}

extension CheckLoop {
    /// Programs at a time; each is a process.
    private static let mostPrograms = 64

    /// A run under way, or how it ended at once.
    func start(_ check: Check, at now: Int64) -> ((any Run)?, Progress) {
        do throws(SystemError) {
            return try begin(check, deadline: now + check.timing.timeoutNanoseconds)
        } catch {
            return (nil, .done(Self.outcome(of: error)))
        }
    }

    /// What the kernel says at once: most of that is our own trouble, such as no room for another
    /// socket or no route, and not the server's.
    private static func outcome(of error: SystemError) -> Outcome {
        error.isRefusal || error.isUnreachable
            ? .failed(error.reason) : .unasked(Shown.cut(error.description))
    }

    private func begin(_ check: Check, deadline: Int64) throws(SystemError) -> (
        (any Run)?, Progress
    ) {
        let target = check.target
        switch check.probe {
        case .connect:
            let run = try StreamRun(to: target, talk: nil, context: nil, deadline: deadline)
            return (run, .waiting)
        case .page(let request):
            var context: TLSContext?
            if let settings = request.tls {
                do throws(TLSFault) {
                    context = try self.context(settings)
                } catch {
                    return (nil, .done(.unasked(Shown.cut(error.message))))
                }
            }
            let talk = PageTalk(request)
            return (
                try StreamRun(to: target, talk: talk, context: context, deadline: deadline),
                .waiting
            )
        case .smtp(let request):
            let talk = SMTPTalk(request)
            return (
                try StreamRun(to: target, talk: talk, context: nil, deadline: deadline), .waiting
            )
        case .dns(let request):
            let talk = DNSTalk(request, id: .random(in: 0...UInt16.max, using: &dice))
            return (try DatagramRun(.udp, to: target, talk: talk, deadline: deadline), .waiting)
        case .datagram(let request):
            let talk = UDPTalk(request: request)
            return (try DatagramRun(.udp, to: target, talk: talk, deadline: deadline), .waiting)
        case .ping:
            let talk = EchoTalk(
                isIPv6: target.isIPv6, token: .random(in: 0...UInt64.max, using: &dice))
            return (try DatagramRun(.ping, to: target, talk: talk, deadline: deadline), .waiting)
        case .program(let request):
            return try begin(request, deadline: deadline)
        }
    }

    private func begin(_ request: ProgramRequest, deadline: Int64) throws(SystemError) -> (
        (any Run)?, Progress
    ) {
        guard programs < Self.mostPrograms, remains.count < Self.mostPrograms else {
            return (nil, .done(.unasked("\(Self.mostPrograms) programs run already")))
        }
        guard request.user != nil || UserNumbers.own.user != 0 else {
            return (nil, .done(.unasked("the master runs as root: say with user who runs it")))
        }
        let user = request.user == .own ? nil : request.user
        let run = try ProgramRun(
            ProgramRequest(
                arguments: request.arguments, user: user, unknown: request.unknown),
            deadline: deadline)
        programs += 1
        return (run, .waiting)
    }

    private func context(_ settings: TLSSettings) throws(TLSFault) -> TLSContext {
        if let known = contexts[settings] { return known }
        let context = try TLSContext(settings)
        contexts[settings] = context
        return context
    }
}
