// What can go wrong at the kernel's table, told to the operator.

import Glibc

/// Why the table could not be read or written.
package enum IPVSError: Error, Equatable, Sendable {
    case moduleNotLoaded
    case notPermitted
    /// kube-proxy keeps this table, and would undo what others write.
    case ownedByKubeProxy
    case noSocket(errno: Int32)
    /// The kernel found no module for a service's scheduler, or for what keeps its clients.
    case noScheduler(String, engine: String?)
    /// `to` says what was asked, as in "read the destinations of 10.0.0.80:80/tcp".
    case refused(to: String, errno: Int32)
    /// An answer came that cannot be believed, or none.
    case inconsistent(to: String, AnswerFault)
}

/// Why an answer of the kernel is not used, not even in part.
package enum AnswerFault: Error, Equatable, Sendable {
    /// The table changed while it was dumped, and the kernel said so.
    case interrupted
    case truncated
    case wrongSequence
    case malformed(String)
    case tooLong
    /// The module was unloaded, or loaded again under another number.
    case familyGone
    /// ENOBUFS: the kernel dropped answers that the socket had no room for.
    case overrun
    /// No answer within the time limit.
    case silence
    case broken(errno: Int32)
}

extension IPVSError {
    /// For an error number with which the kernel answered a request.
    init(to action: String, errno: Int32) {
        self = errno == EPERM ? .notPermitted : .refused(to: action, errno: errno)
    }
}

extension IPVSError {
    /// Whether the next request would only fail alike, perhaps after the same wait.
    var endsPlan: Bool {
        switch self {
        case .moduleNotLoaded, .noSocket, .ownedByKubeProxy, .inconsistent(_, .silence): true
        case .notPermitted, .noScheduler, .refused, .inconsistent: false
        }
    }
}

extension IPVSError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .moduleNotLoaded:
            """
            The kernel has no IPVS: generic netlink knows no family "\(kernelFamilyName)". \
            Run `modprobe ip_vs`, and list ip_vs in /etc/modules-load.d/ to keep it after a reboot.
            """
        case .notPermitted:
            """
            The kernel does not let this process read or write the IPVS table. \
            Give it CAP_NET_ADMIN (systemd: AmbientCapabilities=CAP_NET_ADMIN); in a container, \
            run it in the host's user namespace.
            """
        case .ownedByKubeProxy:
            """
            This table belongs to kube-proxy: there is an interface \(KernelTable.kubeProxyInterface). \
            Poise neither reads nor writes it. Run Poise on a director of its own, or kube-proxy in \
            another mode than ipvs, and remove that interface.
            """
        case .noSocket(let errno):
            """
            No generic netlink socket could be opened: \(text(of: errno)). \
            Check the limit of open files and, under systemd, that RestrictAddressFamilies= \
            has AF_NETLINK.
            """
        case .noScheduler(let scheduler, let engine):
            """
            The kernel has no scheduler "\(scheduler)"\(engine.map { " or no engine \"\($0)\"" } ?? ""). \
            Run `modprobe ip_vs_\(scheduler)`\(engine.map { " and `modprobe ip_vs_pe_\($0)`" } ?? ""), \
            and list it in /etc/modules-load.d/ to keep it after a reboot.
            """
        case .refused(let action, let errno):
            """
            The kernel refused to \(action): \(text(of: errno)). \
            Nothing was changed by that, and the next tick tries again. \
            Compare `poise ls` with `ipvsadm -Ln`.
            """
        case .inconsistent(let action, let fault):
            """
            The kernel was asked to \(action), and its answer was not used: \(fault). \
            The next tick reads the table afresh.
            """
        }
    }
}

extension AnswerFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .interrupted: "the table changed while it was read"
        case .truncated: "it was cut short"
        case .wrongSequence: "it belongs to another request"
        case .malformed(let part): "\(part) does not have the expected form"
        case .tooLong: "it did not end after \(Answers.maximumEntries) entries"
        case .familyGone: "the ip_vs module was unloaded meanwhile"
        case .overrun: "answers were dropped for want of room; raise net.core.rmem_max"
        case .silence: "none came within \(NetlinkSocket.silenceSeconds) s"
        case .broken(let errno): "the socket failed with \(text(of: errno))"
        }
    }
}

private func text(of errno: Int32) -> String {
    "\(String(cString: strerror(errno))) (errno \(errno))"
}
