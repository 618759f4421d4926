// The way to the kernel as the table sees it: datagrams out, datagrams in.

/// A generic netlink socket bound to the IPVS family, or a kernel played by a test.
protocol NetlinkLink: AnyObject {
    /// The number this kernel gave the IPVS family.
    var family: UInt16 { get }

    func send(_ datagram: [UInt8]) throws(AnswerFault)
    /// Waits for the next datagram of the kernel, but not for ever.
    func receive() throws(AnswerFault) -> [UInt8]
}
