// Finds the numbers of a user in /etc/passwd: a static program has nobody else to ask.

internal import Daemon

enum Accounts {
    /// A longer file is refused; 10,000 users fit.
    private static let longestBytes = 1_048_576
    /// To the kernel this number is no user: with it setresuid and setresgid change nothing.
    private static let noChange = UInt32.max

    /// The numbers of the user; `nil` when there is none of this name.
    static func user(_ name: String, in path: String = "/etc/passwd") throws(SystemError)
        -> UserNumbers?
    {
        user(name, passwd: try Descriptor(reading: path).readAll(limit: longestBytes))
    }

    /// A line is as in "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin".
    static func user(_ name: String, passwd: [UInt8]) -> UserNumbers? {
        for line in passwd.split(separator: 0x0A) {
            let parts = line.split(
                separator: 0x3A, maxSplits: 4, omittingEmptySubsequences: false)
            guard parts.count == 5, parts[0].elementsEqual(name.utf8),
                let user = UInt32(String(decoding: parts[2], as: UTF8.self)),
                let group = UInt32(String(decoding: parts[3], as: UTF8.self)),
                user != Self.noChange, group != Self.noChange
            else { continue }
            return UserNumbers(user: user, group: group)
        }
        return nil
    }
}
