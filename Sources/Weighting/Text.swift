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
        case .ordered: "ordered"
        case .lastForOrder: "last_for_order"
        case .orderContested: "order_contested"
        case .panic: "panic"
        case .manyFailAtOnce: "many_fail_at_once"
        case .noRoomToFail: "no_room_to_fail"
        case .failureOverruled: "failure_overruled"
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
        case .ordered(let order):
            "\(order) says what its weight is"
        case .lastForOrder(let order):
            "\(order) drains it, and no other member has a weight; it waits for one, "
                + "or for an order with --force"
        case .orderContested(let order):
            "\(order) says what its weight is, and somebody else changed it again; it is written "
                + "again once a minute: who else writes to this service?"
        case .panic(let why):
            "its check fails (\(why)), with those of so many others that less than half of the "
                + "service would be left; so checks count for nobody"
        case .manyFailAtOnce(let why):
            "its check fails (\(why)), with those of many others at once: this may be the fault of "
                + "the director, or of what all need; so the weight holds for half a minute"
        case .noRoomToFail(let why):
            "its check fails (\(why)), and no more members may be taken out: a tenth in half a "
                + "minute, a third at once, and never the last one with a weight"
        case .failureOverruled(let why):
            "its check fails (\(why)), and somebody else raised the weight since; it stays until "
                + "the check passes"
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
        case .ordered: "ordered"
        case .released: "released"
        case .failsCheck: "fails_check"
        case .waitsForCheck: "waits_for_check"
        case .passesCheck: "passes_check"
        case .neededAgain: "needed_again"
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
        case .ordered(let order):
            switch order.action {
            case .drain: "drained by \(order.text), until that ends"
            case .weight(let weight):
                "its weight is \(weight.rawValue) by \(order.text), until that ends"
            }
        case .released:
            "no order says anything of it any more; it returns to what it had before"
        case .failsCheck(let why):
            "its check fails: \(why); it returns when the check passes"
        case .waitsForCheck:
            "its check passes, and failed again and again; each time it waits twice as long"
        case .passesCheck:
            "its check passes again; it returns, step by step, to what it had, at most the mean share"
        case .neededAgain(let why):
            "too few others would serve; it returns, although it fails"
                + (why.isEmpty ? "" : " (\(why))")
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
        case .panic: "enough of the service is up for checks to count again"
        case .manyFailAtOnce: "no more so many checks fail at once"
        case .belowQuorum: "the quorum is up again"
        }
    }

    /// Stable, for programs.
    package var code: String {
        switch self {
        case .commonCause: "common_cause"
        case .tooManyFail: "too_many_fail"
        case .panic: "panic"
        case .manyFailAtOnce: "many_fail_at_once"
        case .belowQuorum: "below_quorum"
        }
    }

    package var text: String {
        switch self {
        case .commonCause:
            "requests fail on servers with more than half of the capacity; that has a common "
                + "cause, so nobody loses its share for it"
        case .tooManyFail:
            "more servers fail than may be taken out at once; the rest stay"
        case .panic:
            "checks fail on so many servers that less than half of the service would be left; checks "
                + "count for nobody until 60 % are up"
        case .manyFailAtOnce:
            "checks of more than a fifth of the servers failed within half a minute; is it the "
                + "director, or something that all of them need?"
        case .belowQuorum:
            "fewer servers are up than the quorum"
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
            "\(service) \(destination): more would be taken out than may be out at once"
        case .notInTable(let service, let destination):
            "\(service) \(destination): is not in the kernel's table"
        case .madeOnOtherWeight(let service, let destination):
            "\(service) \(destination): was decided on another weight than the kernel's"
        case .doubled(let service, let destination):
            "\(service) \(destination): has two steps in one plan"
        }
    }
}
