// One run of a check under way: what the loop needs to know of it.

internal import Daemon

/// Where a run is after it did what it could.
enum Progress: Equatable {
    /// It goes on when its descriptor is ready, or at its next deadline.
    case waiting
    case done(Outcome)
}

/// A run that waits for a descriptor, and perhaps for a time.
protocol Run: AnyObject {
    /// What the poller is to watch.
    var number: Int32 { get }
    var interest: Readiness { get }
    /// When to call ``expire(at:)``.
    var deadline: Int64 { get }
    /// The descriptor is ready.
    func advance(_ ready: Readiness, at now: Int64, buffer: UnsafeMutableRawBufferPointer)
        -> Progress
    /// The deadline has come.
    func expire(at now: Int64) -> Progress
    /// Nobody wants its outcome any more; what is left of it then, if anything.
    func abandon() -> (any Remains)?
}

/// What a run leaves behind that has to be taken care of.
protocol Remains: AnyObject {
    /// Whether it is gone now.
    func isGone() -> Bool
}

extension Run {
    func abandon() -> (any Remains)? { nil }
}
