// poise events: what happened lately, one line for each cause.

internal import ArgumentParser
internal import Settings
internal import Weighting

struct EventsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Prints what happened lately: one event for each cause, whatever it lasts.",
        discussion: """
            The master keeps the newest \(HappeningRing.most). --follow waits for a master that \
            is restarted, and goes on where it was. Times are UTC. With -o json an event \
            is an object on a line of its own.
            """)

    @OptionGroup var connection: Connection

    @Flag(name: .shortAndLong, help: "Go on, and print what happens from now on.")
    var follow = false

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    /// Between two questions to the master, and to one that does not answer.
    private static let seconds = 1.0
    private static let secondsWithout = 2.0

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        var answer = try await session.master.happenings(after: 0)
        guard follow else { return Outcome(output: try text(answer.events, session)) }
        var (newest, isLost) = (UInt64(0), false)
        while session.pipe.write(try text(answer.events, session)) {
            newest = answer.events.last?.number ?? newest
            await session.pause(isLost ? Self.secondsWithout : Self.seconds)
            let before = answer.startUnixMilliseconds
            answer.events = []
            do throws(Failure) {
                let next = try await session.master.happenings(after: newest)
                if next.startUnixMilliseconds != before {
                    session.pipe.complain("poise: the master was started anew\n")
                    answer = try await session.master.happenings(after: 0)
                } else {
                    answer = next
                }
                if isLost { session.pipe.complain("poise: the master answers again\n") }
                isLost = false
            } catch {
                guard error.mayPass else { throw error }
                if !isLost {
                    session.pipe.complain("poise: \(error.text)\npoise: waiting for the master\n")
                }
                isLost = true
            }
        }
        return Outcome()
    }

    private func text(
        _ events: [HappeningRing.Entry], _ session: Session
    ) throws(Failure) -> String {
        var text = ""
        for event in events {
            switch output {
            case .json: text += try JSON.text(event, isPretty: false)
            case .table, .wide:
                text += EventLine(event: event, isWide: output == .wide, style: session.style).text
            }
        }
        return text
    }
}

/// One event as a line.
struct EventLine {
    let event: HappeningRing.Entry
    let isWide: Bool
    let style: Style

    /// With the end of the line.
    var text: String {
        let happening = event.happening
        let cause = happening.cause.rawValue.replacing("_", with: " ")
        let padding = String(repeating: " ", count: max(0, Self.causeWidth - cause.count))
        let time = style.paint(Self.time(event.unixMilliseconds, isWide: isWide), .dim)
        let parts = [time, painted(cause) + padding, place, happening.detail.map(printable)]
        return parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "  ") + "\n"
    }

    private static let causeWidth =
        Happening.Cause.allCases.map(\.rawValue.count).max() ?? 0

    /// SERVICE/SERVER, or what there is of it.
    private var place: String {
        let happening = event.happening
        return [
            Self.names(happening.services, of: happening.serviceCount),
            Self.names(happening.servers, of: happening.serverCount),
        ].filter { !$0.isEmpty }.joined(separator: "/")
    }

    private static func names(_ names: [String], of count: Int) -> String {
        let rest = count - names.count
        return names.map(printable).joined(separator: ",") + (rest > 0 ? " and \(rest) more" : "")
    }

    private func painted(_ cause: String) -> String {
        switch event.happening.cause {
        case .ejected, .checkFailed, .violation, .alarm, .trouble: style.paint(cause, .red)
        case .agentSilent, .duplicateIdentity, .reloadRefused, .foreignChange, .holds, .absent:
            style.paint(cause, .yellow)
        case .follows, .drained, .returned, .readmitted, .rescaled, .alarmEnded, .agentBack,
            .checkPassed, .ordered, .orderEnded, .duplicateEnded, .masterStarted, .reloaded,
            .policyChanged, .troubleEnded:
            cause
        }
    }

    /// As in 2026-11-23 06:04:39, UTC; with milliseconds when there is room.
    static func time(_ unixMilliseconds: UInt64, isWide: Bool) -> String {
        let seconds = Int(clamping: unixMilliseconds / 1000)
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let clock = [rest / 3600, rest / 60 % 60, rest % 60].map(CivilDate.two)
            .joined(separator: ":")
        let milliseconds = 1000 + Int(clamping: unixMilliseconds % 1000)
        return "\(CivilDate(daysSince1970: days).text) \(clock)"
            + (isWide ? ".\(String(milliseconds).dropFirst())" : "")
    }
}
