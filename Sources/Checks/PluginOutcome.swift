// What the end of a monitoring plugin means.

package import Daemon

/// A program of the monitoring plugins' contract: its status tells, its first line explains.
package struct ProgramRequest: Hashable, Sendable {
    /// What the status "unknown" means.
    package enum Unknown: Hashable, Sendable { case down, up, hold }

    /// The program's path, then its arguments.
    package let arguments: [String]
    /// `nil` is the master's own.
    package let user: UserNumbers?
    package let unknown: Unknown

    package init(arguments: [String], user: UserNumbers? = nil, unknown: Unknown = .down) {
        self.arguments = arguments
        self.user = user
        self.unknown = unknown
    }

    package static let longestOutput = 4096

    /// The same with other text in place of some; the program's path stays.
    package func replacing(_ texts: [(String, String)]) -> ProgramRequest {
        let arguments = arguments.enumerated().map { index, argument in
            index == 0
                ? argument
                : texts.reduce(argument) { $0.replacing($1.0, with: $1.1) }
        }
        return ProgramRequest(arguments: arguments, user: user, unknown: unknown)
    }

    var path: String { arguments.first ?? "" }

    func outcome(_ ending: ChildProgram.Ending, output: [UInt8]) -> Outcome {
        let said = Shown.text(output)
        switch ending {
        case .exited(status: 0): return .passed(said.isEmpty ? "ok" : said)
        // A warning is for people to read: the service works.
        case .exited(status: 1): return .passed(said.isEmpty ? "warning" : said)
        case .exited(status: 2): return .failed(said.isEmpty ? "critical" : said)
        case .exited(status: 3):
            let text = said.isEmpty ? "unknown" : said
            switch unknown {
            case .down: return .failed(text)
            case .up: return .passed(text)
            case .hold: return .unasked(text)
            }
        case .exited(status: 126):
            return .unasked(
                Shown.cut("\(path) could not be run as that user: may the master change its user?"))
        case .exited(status: 127):
            return .unasked(Shown.cut("\(path) could not be run: is it there, and executable?"))
        case .exited(let status):
            return .failed(Shown.cut("\(path) ended with status \(status): \(said)"))
        case .killed(let signal):
            return .failed(Shown.cut("\(path) was ended by signal \(signal)"))
        }
    }
}
