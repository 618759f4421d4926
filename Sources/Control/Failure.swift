// Why a call of poise failed, as a letter to the person who made it.

internal import Weighting

enum Failure: Error, Equatable {
    case usage(String)
    case unknownService(String, known: [String])
    case unknownServerAnywhere(String, known: [String])
    case unknownServer(String, service: String, known: [String])
    /// Nobody answers: the socket, and why.
    case unreachable(socket: String, Reason)
    /// The master answered, and not with what was asked for.
    case refused(socket: String, path: String, status: Int, text: String)
    case unreadable(socket: String, path: String, String)
    case newerFormat(Int)
    case unprintable(String)
    /// A file was not read or not written.
    case files(String)
    /// The table of IPVS was not read.
    case kernel(String)
    /// It could lock an agent out.
    case unsafe(String)
    /// It could lock an agent out, and no master answers that could tell.
    case unasked(String)
    /// The master would refuse it.
    case refusedKey(String)
    case unknownAgent(String, known: [String])
    case unknownPolicy(String, known: [String])
    /// A drain did not come to its end, and whether that is for the time alone.
    case notDrained(String, isLate: Bool)
    /// Files are not valid; the report, with lines.
    case invalid(String)

    enum Reason: Equatable {
        case noSuchFile
        case notAllowed
        case nobodyListens
        case tooLate(seconds: Int64)
        case badPath
        case other(String)
    }

    var outcome: Outcome {
        if case .invalid(let report) = self { return Outcome(complaint: report, status: status) }
        return Outcome(complaint: "poise: \(text)\n", status: status)
    }

    private var status: ExitStatus {
        switch self {
        case .usage: .usage
        case .refusedKey, .invalid: .configurationInvalid
        case .unreachable, .unasked: .masterUnreachable
        case .unsafe: .unsafe
        case .notDrained(_, let isLate): isLate ? .tooLate : .failed
        case .refused(_, _, 409, _): .unsafe
        case .refused(_, _, 400, _): .usage
        case .unknownService, .unknownServer, .unknownServerAnywhere, .refused, .unreadable,
            .newerFormat, .unprintable, .files, .kernel, .unknownAgent, .unknownPolicy:
            .failed
        }
    }

    /// Whether no master is there, as far as one can tell.
    var isAbsence: Bool {
        switch self {
        case .unreachable(_, .noSuchFile), .unreachable(_, .nobodyListens): true
        default: false
        }
    }

    /// Whether the next attempt may find a master, as while it is restarted.
    var mayPass: Bool {
        switch self {
        case .unreachable(_, .notAllowed), .unreachable(_, .badPath): false
        case .unreachable: true
        // It is ending.
        case .refused(_, _, let status, _): status == 503
        default: false
        }
    }

    /// What is wrong and what to do, without a line's end.
    var text: String {
        switch self {
        case .usage(let text):
            text
        case .unknownService(let name, let known):
            "there is no service \"\(printable(name))\"" + Names.advice(for: name, known: known)
        case .unknownServer(let name, let service, let known):
            "\(printable(name)) is not a server of \"\(printable(service))\""
                + Names.advice(for: name, known: known)
        case .unknownServerAnywhere(let name, let known):
            "no service has a server \"\(printable(name))\""
                + Names.advice(for: name, known: known)
        case .unreachable(let socket, let reason):
            "cannot reach the master on \(printable(socket)): \(reason.text)"
        // Its words are for the person; where they came from helps nobody.
        case .refused(_, AdminAPI.ordersPath, 400..<500, let text),
            .refused(_, AdminAPI.endPath, 400..<500, let text):
            printable(text)
        case .refused(let socket, let path, let status, let text):
            "the master on \(printable(socket)) answered \(path) with status \(status): "
                + printable(text)
        case .unreadable(let socket, let path, let why):
            "cannot read the answer of \(printable(socket)) to \(path): \(printable(why)). "
                + "Is it a master's socket? Compare the releases: poise version"
        case .newerFormat(let format):
            "the master writes format \(format), this poise reads \(Snapshot.currentFormat); "
                + "use the poise of the master's release"
        case .unprintable(let why):
            "the answer cannot be written as JSON: \(why)"
        case .files(let text), .kernel(let text), .refusedKey(let text), .unsafe(let text),
            .unasked(let text), .invalid(let text), .notDrained(let text, _):
            text
        case .unknownAgent(let name, let known):
            "there is no agent \"\(printable(name))\"" + Names.advice(for: name, known: known)
        case .unknownPolicy(let name, let known):
            "there is no policy \"\(printable(name))\"" + Names.advice(for: name, known: known)
        }
    }
}

extension Failure.Reason {
    /// Why, and what to do.
    var text: String {
        switch self {
        case .noSuchFile:
            """
            no such file (ENOENT). Is the master running here? See `systemctl status poise-master`; \
            if its listen.admin names another path, give that with --socket or POISE_SOCKET.
            """
        case .notAllowed:
            """
            permission denied (EACCES). The socket is for the master's user and group: run poise \
            as a member of that group, or as root.
            """
        case .nobodyListens:
            """
            connection refused (ECONNREFUSED). The socket's file is there, and no process listens \
            on it: the master has ended. The kernel keeps the last weights. \
            See `systemctl status poise-master` and `journalctl -u poise-master`.
            """
        case .tooLate(let seconds):
            """
            no answer within \(seconds) s. The master runs and is busy or stuck; \
            see `journalctl -u poise-master`.
            """
        case .badPath:
            "this cannot be a socket's path: it has to be there, and have at most "
                + "\(AdminAPI.socketPathLimit) bytes."
        case .other(let why):
            "\(printable(why)). See `systemctl status poise-master`."
        }
    }
}
