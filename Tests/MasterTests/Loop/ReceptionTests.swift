// What the operator is told of the sockets that reports arrive at.

import Daemon
import Testing

@testable import Master

@Test func `little room for waiting reports is warned of with the setting's name`() throws {
    // The kernel's answer is twice of what it granted.
    #expect(Reception.remark(bytesGranted: 2 * Reception.receiveBytes) == nil)
    let text = try #require(Reception.remark(bytesGranted: 2 * 212_992))
    #expect(text.contains("212992 bytes"))
    #expect(text.contains("net.core.rmem_max"))
}

@Test(arguments: [
    ("[::]:7817", 97, "where IPv6 is off, write reports: \"0.0.0.0:7817\" under listen"),
    ("[fd00::1]:7817", 99, "where IPv6 is off, write reports: \"0.0.0.0:7817\" under listen"),
    ("10.0.0.9:7817", 99, "this host has no such address: change listen.reports"),
    ("0.0.0.0:7817", 98, "another process listens there: stop it, or change listen.reports"),
])
func `an address that cannot be listened on comes with the way out`(
    address: String, number: Int32, remedy: String
) throws {
    let error = ListeningError(
        address: try #require(SocketAddress(address)),
        error: SystemError("listen on UDP \(address)", number: number))
    #expect("\(error)".hasPrefix("reports cannot arrive at \(address): cannot listen on UDP "))
    #expect("\(error)".hasSuffix("; \(remedy)"))
}
