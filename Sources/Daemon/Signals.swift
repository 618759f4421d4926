// Signals as something to read, instead of code that runs in the middle of other code.

internal import CLinux

/// The signals that a daemon answers.
package enum Signal: Equatable, Sendable { case terminate, interrupt, hangUp }

/// Blocks SIGTERM, SIGINT and SIGHUP and delivers them by signalfd(2).
///
/// SIGPIPE is ignored from then on: writing to a closed connection is an error, not a death.
/// Make it before any thread starts: a thread inherits what is blocked.
package struct Signals: ~Copyable, Sendable {
    private let descriptor: Descriptor

    package var number: Int32 { descriptor.number }

    package init() throws(SystemError) {
        descriptor = try Descriptor(
            linux_signal_descriptor([SIGTERM, SIGINT, SIGHUP], 3), "receive signals")
    }

    /// The next signal that arrived, if any.
    package func next() -> Signal? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(number, &info, size) == size else { return nil }
        switch Int32(bitPattern: info.ssi_signo) {
        case SIGTERM: return .terminate
        case SIGINT: return .interrupt
        case SIGHUP: return .hangUp
        default: return nil
        }
    }
}
