// The words for reasons, once, for logs, screens and programs alike.

extension Hold {
    /// Stable, for programs.
    package var code: String {
        switch self {
        case .neverHeard: "never_heard"
        case .late: "late"
        case .stale: "stale"
        case .learning: "learning"
        case .noLoadInReports: "no_load_in_reports"
        case .duplicateIdentity: "duplicate_identity"
        case .agentSays: "agent_says"
        case .lastOnes: "last_ones"
        case .overruled: "overruled"
        case .foreignZero: "foreign_zero"
        case .serviceAbsent: "service_absent"
        case .scheduler: "scheduler"
        case .fewerThanHalfFresh: "fewer_than_half_fresh"
        case .manyFallSilent: "many_fall_silent"
        case .masterLate: "master_late"
        case .tooIdle: "too_idle"
        case .undeclaredDestinations: "undeclared_destinations"
        }
    }

    /// What holds the weight, and what would let it follow load again.
    package var text: String {
        switch self {
        case .neverHeard:
            "no report since this master started; is its agent running, and its key in agents/?"
        case .late:
            "the report that was due is missing; the weight waits for the next one"
        case .stale:
            "the newest report is stale; silence is not death, so the weight holds"
        case .learning:
            "reports arrive; the second one that compares is still to come"
        case .noLoadInReports:
            "the newest report has no CPU time, no count of requests, nothing of a resource that "
                + "the policy names, or an old sample; "
                + "see `poise-agent --once` on the server"
        case .duplicateIdentity:
            "two processes report with its key, and their loads differ; see `poise doctor`"
        case .agentSays(let state):
            "the agent says \(state), and that its server goes on; the weight holds"
        case .lastOnes(let cause):
            "the agent says \(cause.text), but at most half of the members drain at once, and "
                + "never the last one with a weight"
        case .overruled(let cause):
            "the agent says \(cause.text), and somebody else raised the weight since; it stays"
        case .foreignZero:
            "the weight is 0, and not by this master: a person set it, or a master before this "
                + "one; set another with ipvsadm to hand it over"
        case .serviceAbsent:
            "the kernel holds no such service; whoever owns the services has to make it"
        case .scheduler(let why):
            why
        case .fewerThanHalfFresh:
            "fewer than half of the members have a fresh report, so all weights hold"
        case .manyFallSilent:
            "several members fell silent at once, so all weights hold until it is clear which"
        case .masterLate:
            "this master was late, so all weights hold for a tick; is the director overloaded?"
        case .tooIdle:
            "no member is busy enough for its load to tell anything, so all weights hold"
        case .undeclaredDestinations(let destinations):
            "the service also has \(destinations.map(\.description).joined(separator: ", ")), "
                + "which the configuration does not name; name every destination"
        }
    }
}

extension Verdict.Reason {
    /// Stable, for programs.
    package var code: String {
        switch self {
        case .follows: "follows"
        case .withinDeadband: "within_deadband"
        case .waits: "waits"
        case .holds(let hold), .keepsShare(let hold), .comesBack(let hold): hold.code
        case .drains: "drains"
        case .returns: "returns"
        case .ejected: "ejected"
        case .readmitted: "readmitted"
        case .absent: "absent"
        }
    }

    package var text: String {
        switch self {
        case .follows: "follows load"
        case .withinDeadband: "follows load; the change is too small to write"
        case .waits:
            "follows load; this scheduler rebuilds its table at each write, so that is done every "
                + "few seconds"
        case .holds(let hold): hold.text
        case .keepsShare(let hold): "its share of the mean is kept: \(hold.text)"
        case .comesBack(let hold):
            "a newcomer comes to the share that it had with time, for load tells nothing: "
                + hold.text
        case .drains(let cause):
            "it drains, for the agent says \(cause.text); it returns when the agent says up"
        case .returns(nil):
            "the agent asks for no drain any more; it returns, step by step, to what it had, at "
                + "most the mean share"
        case .returns(let cause?):
            "no other member has a weight; it returns, although the agent says \(cause.text)"
        case .ejected:
            "too many of its requests fail; it gets none until its errors are forgotten"
        case .readmitted: "its errors are forgotten; it returns with a small share"
        case .absent: "the kernel's service has no such destination"
        }
    }
}

extension Alarm {
    /// Of its end.
    package var endText: String {
        switch self {
        case .commonCause: "errors are those of single servers again"
        case .tooManyFail: "no more servers fail than may be out"
        }
    }

    /// Stable, for programs.
    package var code: String {
        switch self {
        case .commonCause: "common_cause"
        case .tooManyFail: "too_many_fail"
        }
    }

    package var text: String {
        switch self {
        case .commonCause:
            "requests fail on servers with more than half of the capacity; that has a common "
                + "cause, so nobody loses its share for it"
        case .tooManyFail:
            "more servers fail than may be taken out at once; the rest keep the least share"
        }
    }
}

extension Invariants.Violation {
    package var text: String {
        switch self {
        case .zeroByLoad(let service, let destination):
            "\(service) \(destination): load alone would set the weight to 0"
        case .raisesForeignZero(let service, let destination):
            "\(service) \(destination): would raise a 0 that somebody else set"
        case .empties(let service, let destination):
            "\(service) \(destination): would leave the service without any weight"
        case .tooManyOut(let service, let destination):
            "\(service) \(destination): errors would take out more than may be out at once"
        case .notInTable(let service, let destination):
            "\(service) \(destination): is not in the kernel's table"
        case .madeOnOtherWeight(let service, let destination):
            "\(service) \(destination): was decided on another weight than the kernel's"
        case .doubled(let service, let destination):
            "\(service) \(destination): has two steps in one plan"
        }
    }
}
