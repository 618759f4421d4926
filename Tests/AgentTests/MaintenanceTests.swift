// Files in the maintenance folder, and what becomes of a report by them.

import CLinux
import Daemon
import Protocol
import Testing

@testable import Agent

private let services = ["web", "mail"].map {
    Configuration.Service(name: $0, id: ServiceID(name: $0))
}

/// A maintenance folder of one test, and the agent's eye on it.
private final class Watch {
    let scratch: Scratch
    var maintenance: Maintenance

    init() throws {
        scratch = try Scratch()
        Folder.make(scratch.path("maintenance"), mode: 0o755)
        maintenance = Maintenance(
            folder: scratch.path("maintenance"), services: services, hostName: "rs1.example.org")
    }

    func touch(_ name: String) throws { try scratch.write("maintenance/\(name)", "") }

    func remove(_ name: String) { #expect(unlink(scratch.path("maintenance/\(name)")) == 0) }

    /// The states of a report after the next look: host, web, mail.
    func look(mail: HostState = .up) -> [HostState] {
        maintenance.look(at: 0, log: Log())
        var report = Report(
            state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: 0,
            services: [
                ServiceLoad(id: services[0].id, state: .up),
                ServiceLoad(id: services[1].id, state: mail),
            ])
        maintenance.mark(&report)
        return [report.state] + report.services.map(\.state)
    }
}

@Test func `a file named as a service drains that service, until it is gone`() throws {
    let watch = try Watch()
    #expect(watch.look() == [.up, .up, .up])
    // At once after each look: the folder's time may not even have moved on.
    try watch.touch("web")
    #expect(watch.look() == [.up, .draining, .up])
    try watch.touch("mail")
    #expect(watch.look() == [.up, .draining, .draining])
    #expect(watch.maintenance.drainsEverything == true)
    watch.remove("web")
    #expect(watch.look() == [.up, .up, .draining])
    watch.remove("mail")
    #expect(watch.look() == [.up, .up, .up])
    #expect(watch.maintenance.drainsEverything == false)
}

@Test(arguments: ["all", "rs1", "rs1.example.org"])
func `a file named all or as the host drains the server as a whole`(name: String) throws {
    let watch = try Watch()
    try watch.touch(name)
    #expect(watch.look() == [.draining, .up, .up])
    #expect(watch.maintenance.drainsEverything == true)
    #expect(watch.maintenance.fault == nil)
}

@Test func `the reason for a drain is the file, and what is down stays down`() throws {
    let watch = try Watch()
    try watch.touch("mail")
    #expect(watch.look(mail: .down) == [.up, .up, .down])
    try watch.touch("all")
    watch.maintenance.look(at: 0, log: Log())
    var report = Report(
        state: .unknown, reason: .agentFault, intervalMilliseconds: 500,
        clockTenthsOfMillisecond: 0)
    watch.maintenance.mark(&report)
    #expect(report.state == .draining)
    #expect(report.reason == .maintenanceFile)
}

@Test func `a folder that comes, goes and comes again is followed`() throws {
    let watch = try Watch()
    try watch.touch("web")
    #expect(watch.look() == [.up, .draining, .up])
    watch.remove("web")
    #expect(rmdir(watch.maintenance.folder) == 0)
    #expect(watch.look() == [.up, .up, .up])
    #expect(watch.maintenance.fault == nil)
    Folder.make(watch.maintenance.folder, mode: 0o755)
    try watch.touch("mail")
    #expect(watch.look() == [.up, .up, .draining])
}

@Test func `a name that drains nothing is told, with the one that was meant`() throws {
    let watch = try Watch()
    try watch.touch("wbe")
    try watch.touch(".web.swp")
    #expect(watch.look() == [.up, .up, .up])
    #expect(watch.maintenance.fault?.contains("/wbe drains nothing") == true)
    #expect(watch.maintenance.fault?.hasSuffix("did you mean web?") == true)
    watch.remove("wbe")
    _ = watch.look()
    #expect(watch.maintenance.fault == nil)
}

@Test func `what cannot be looked at leaves the drain as it is, and is told`() throws {
    let watch = try Watch()
    try watch.touch("web")
    #expect(watch.look() == [.up, .draining, .up])
    watch.remove("web")
    #expect(rmdir(watch.maintenance.folder) == 0)
    // A file where the folder should be can be examined, but not listed.
    try watch.scratch.write("maintenance", "")
    #expect(watch.look() == [.up, .draining, .up])
    #expect(watch.maintenance.fault?.contains("cannot list") == true)
}

@Test func `before the folder was ever seen, nobody knows whether the server drains`() throws {
    let watch = try Watch()
    #expect(watch.maintenance.drainsEverything == nil)
    #expect(rmdir(watch.maintenance.folder) == 0)
    try watch.scratch.write("maintenance", "")
    _ = watch.look()
    #expect(watch.maintenance.drainsEverything == nil)
    #expect(unlink(watch.maintenance.folder) == 0)
    _ = watch.look()
    #expect(watch.maintenance.drainsEverything == false)
}
