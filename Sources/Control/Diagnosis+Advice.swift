// The words of each finding: a title, what it means, and what to do now.

internal import Weighting

extension Diagnosis.Finding {
    var title: String {
        switch self {
        case .fine: "heard; nothing is wrong"
        case .notConfigured: "this master has no key of it"
        case .noServer: "its key is known, and no service has a server of its name"
        case .receptionFails: "the master itself is in trouble"
        case .duplicateIdentity: "two processes report with its key"
        case .notEntitled: "heard, and it speaks for a service that is not its own"
        case .staleSample: "heard, and what it measures is old"
        case .neverChallenged: "its reports arrive, and our answers do not reach it"
        case .badMAC: "reports arrive in its name that its key did not make"
        case .replayed: "only old reports arrive"
        case .malformed: "its reports cannot be read"
        case .otherVersion: "nothing of it arrives, but reports of another version do"
        case .unknownKey: "nothing of it arrives, but reports with unknown keys do"
        case .droppedByKernel: "nothing of it arrives, and the kernel drops reports"
        case .nothingArrives: "nothing arrives"
        case .fellSilent: "it was heard, and is silent now"
        case .answersNoProbe: "it was heard, is silent now, and answers no probe"
        case .reportsLost: "heard, and its reports get lost"
        }
    }

    /// What it means, and the next step.
    func advice(for name: String, _ facts: AgentFacts) -> (means: String, now: String) {
        switch self {
        case .fine:
            (
                "its reports are authentic, new and in time",
                "nothing; if a weight still holds: poise explain SERVICE/\(name)"
            )
        case .notConfigured:
            (
                "datagrams of this agent are dropped as of an unknown key"
                    + Names.advice(for: name, known: facts.known),
                "poise agent add \(name) KEY, with the key that `poise-agent keygen` printed there"
            )
        case .noServer:
            (
                "its reports change no weight, for there is no server \"\(name)\""
                    + Names.advice(for: name, known: facts.servers),
                "name \(name) among a service's servers in services.d and reload; or, when it is "
                    + "mistyped: poise agent rm \(name), and poise agent add by the right name"
            )
        case .receptionFails:
            (
                "nobody's reports may arrive, or no weight may be written",
                "mend the trouble first: journalctl -u poise-master"
            )
        case .duplicateIdentity:
            (
                "the weight holds, for the two tell different loads; a cloned machine, a copied "
                    + "key, or an agent that restarts again and again",
                "find the second one, then on it: poise-agent keygen, and poise agent add here"
            )
        case .notEntitled:
            (
                "what it says of that service is ignored; the rest counts",
                "name \(name) among the service's servers in services.d, or take the [service] "
                    + "out of its agent.conf"
            )
        case .staleSample:
            (
                "its state counts and its loads do not, so the weight holds: a source of figures "
                    + "fails or hangs on that server",
                "there: poise-agent --once"
            )
        case .neverChallenged:
            (
                "each report is answered with a challenge, and the agent never returns it: UDP "
                    + "back from this director to the agent is blocked, or goes out from another "
                    + "address than the agent sends to",
                "let UDP from this master's port through to \(name), and name the director's own "
                    + "address (no VIP) in its agent.conf; look with: tcpdump udp port 7817"
            )
        case .badMAC:
            (
                "somebody forges its reports, or they are changed on the way",
                "compare the master's key in its agent.conf with poise-master's own, then make the "
                    + "agent's key anew: poise agent rotate \(name) NEWKEY"
            )
        case .replayed:
            (
                "a copy of earlier datagrams comes again, or the agent went back in time, as a "
                    + "virtual machine does that is restored",
                "restart poise-agent on \(name); if it goes on, look who sends: tcpdump udp port "
                    + "7817"
            )
        case .malformed:
            (
                "they are authentic, so the agent made them so: its release and the master's do "
                    + "not fit",
                "install one release on both: poise version here, poise-agent --version there"
            )
        case .otherVersion:
            (
                "they may be its reports: an agent of another protocol version",
                "install one release on both: poise version here, poise-agent --version there"
            )
        case .unknownKey:
            (
                "they may be its reports: the key here is not the one it has, or it has another "
                    + "master's key",
                "compare its public key with poise agent ls -o wide, and the master's key in its "
                    + "agent.conf with this master's"
            )
        case .droppedByKernel:
            (
                "more arrives than this master takes: a flood, or a director that is too busy",
                "look at its load, and at who sends: tcpdump udp port 7817"
            )
        case .nothingArrives:
            (
                "no datagram with its key came since the master started: the agent does not run, "
                    + "sends elsewhere, or UDP is blocked",
                "on \(name): systemctl status poise-agent; is this director's address its master? "
                    + "Does UDP 7817 pass? Look here with: tcpdump udp port 7817"
            )
        case .fellSilent:
            (
                "the agent ended, its server did, or the path broke; the weight holds",
                "on \(name): systemctl status poise-agent; then the path, here with: tcpdump udp "
                    + "port 7817"
            )
        case .answersNoProbe:
            (
                "the master asked it and got no answer: the agent is down, its server is, or the "
                    + "path is, one way or both",
                "on \(name): systemctl status poise-agent; then the path, here with: tcpdump udp "
                    + "port 7817"
            )
        case .reportsLost:
            (
                "the master misses reports and asks for them, and the agent answers: the path "
                    + "loses datagrams, or the agent is late",
                "look for losses on the path, and at the load of \(name); weights are right as "
                    + "long as some reports arrive"
            )
        }
    }
}
