// What went wrong when the kernel was asked for something.

internal import CLinux

/// A refused system call: what was being done, and the kernel's answer.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    /// What was being done, as in "cannot open /etc/poise/agent.key".
    package let action: String
    /// The number as errno(3) lists it.
    package let number: Int32
    /// What to do about it, where that is known; as in "use another port".
    package let remedy: String?

    package init(_ action: String, number: Int32, remedy: String? = nil) {
        self.action = action
        self.number = number
        self.remedy = remedy
    }

    /// The failure of the call that has just returned.
    init(_ action: String) {
        self.init(action, number: linux_errno())
    }

    package var description: String {
        "cannot \(action): \(reason) (errno \(number))" + (remedy.map { "; \($0)" } ?? "")
    }

    /// Whether the other side said that nothing listens there.
    package var isRefusal: Bool { number == ECONNREFUSED }

    /// Whether the way there ends before the other side.
    package var isUnreachable: Bool { number == EHOSTUNREACH }

    /// The kernel's answer in words, as in "No such file or directory".
    package var reason: String { String(cString: strerror(number)) }
}
