// A program that runs beside us, under another user perhaps, and whose output we read.

internal import CLinux

/// The numbers that the kernel knows a user by.
package struct UserNumbers: Hashable, Sendable {
    package let user: UInt32
    package let group: UInt32

    package init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }

    /// The user that this process runs as.
    package static var own: UserNumbers { UserNumbers(user: geteuid(), group: getegid()) }
}

/// A running program; it and all that it started end with its owner.
package struct ChildProgram: ~Copyable {
    /// How a program ended.
    package enum Ending: Equatable, Sendable {
        case exited(status: Int32)
        case killed(signal: Int32)
    }

    private let process: pid_t
    private var output: Descriptor?
    private var isOver = false

    /// The descriptor of its output.
    package let number: Int32

    /// Starts a program by its path, without a shell, with `arguments` that begin with that path.
    ///
    /// Status 126 and 127 of its end mean that the user or the program was not to be had.
    package init(_ arguments: [String], as user: UserNumbers?) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard linux_pipe(&ends) == 0 else { throw SystemError("make a pipe") }
        let output = try Descriptor(ends[0], "make a pipe")
        let input = try Descriptor(ends[1], "make a pipe")
        let texts = arguments.map { strdup($0) }
        defer { for text in texts { free(text) } }
        var pointers = texts.map { UnsafePointer($0) }
        pointers.append(nil)
        var numbers = linux_user(uid: user?.user ?? 0, gid: user?.group ?? 0)
        let process =
            user == nil
            ? linux_start_program(pointers, input.number, nil)
            : linux_start_program(pointers, input.number, &numbers)
        guard process > 0 else { throw SystemError("start \(arguments.first ?? "a program")") }
        self.process = process
        number = output.number
        self.output = consume output
    }

    /// Takes what it printed: `nil` when nothing is there now, 0 when it prints no more.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        let count = linux_read(number, buffer.baseAddress, buffer.count)
        if count < 0 {
            guard linux_errno() == EAGAIN else { throw SystemError("read a program's output") }
            return nil
        }
        return count
    }

    /// Closes our end of its output, for no more is wanted.
    package mutating func closeOutput() { output = nil }

    /// Ends it at once, with all that it started and that did not leave its session.
    package func kill() {
        guard !isOver else { return }
        linux_kill_program(process)
    }

    /// How it ended, once it has; what it left running is ended too.
    package mutating func ending() -> Ending? {
        guard !isOver, linux_has_ended(process) != 0 else { return nil }
        // While its end is not taken, its number belongs to nobody else.
        linux_kill_program(process)
        isOver = true
        let end = linux_take_end(process)
        return end < 0 ? .killed(signal: -end) : .exited(status: end)
    }

    deinit {
        kill()
        if !isOver { _ = linux_take_end(process) }
    }
}
