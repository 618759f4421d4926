// The errors as letters to the operator.

import Glibc
import Testing

@testable import IPVS

@Test func `every error says what happened, to what, and what to do now`() {
    let action = "set the weight of 10.0.0.11:80 in 10.0.0.80:80/tcp to 5"
    let errors: [(IPVSError, [String])] = [
        (.moduleNotLoaded, ["no IPVS", "modprobe ip_vs", "modules-load.d"]),
        (.notPermitted, ["CAP_NET_ADMIN", "user namespace"]),
        (.noSocket(errno: EMFILE), ["Too many open files", "(errno 24)", "AF_NETLINK"]),
        (.refused(to: action, errno: EINVAL), [action, "Invalid argument", "ipvsadm -Ln"]),
        (.inconsistent(to: action, .overrun), [action, "net.core.rmem_max", "next tick"]),
    ]
    for (error, parts) in errors {
        for part in parts { #expect(error.description.contains(part)) }
    }
}
