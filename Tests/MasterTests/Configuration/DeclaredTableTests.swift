// From files to the services that Poise makes.

import IPVS
import Settings
import Testing
import Weighting

@testable import Master

struct DeclaredTableTests {
    private func declaration(_ services: String, ipvs: String = "") throws -> Configuration {
        let folder = try ConfigurationFolder()
        try folder.remove("services.d/mail.yaml")
        try folder.write("master.yaml", "version: 1\nipvs:\n  manage: services\n\(ipvs)")
        try folder.write("services.d/web.yaml", services)
        let loaded = folder.load()
        #expect(folder.report(loaded) == "")
        return try #require(loaded.configuration)
    }

    @Test func `every key of a service and a server comes to what IPVS is told`() throws {
        let configuration = try declaration(
            """
            services:
              web:
                vip: 10.0.0.100:5060/udp
                scheduler: mh
                scheduler_flags: [fallback, port]
                persistence: {timeout: 5min, netmask: "255.255.255.0", engine: sip}
                one_packet: true
                forward: tunnel
                tunnel: {type: gue, port: 6080, checksum: remcsum}
                servers:
                  - {name: r1, address: 10.0.0.11, upper: 100, lower: 80, capacity: 2}
                  - {name: r2, address: "fd00::12", tunnel: {type: gre, checksum: csum}}
              six:
                vip: "[fd00::100]:0/tcp"
                scheduler: wrr
                on_failure: remove
                sorry: {address: "fd00::99", forward: direct}
                persistence: {timeout: 60min, netmask: 64}
                servers:
                  - {name: r1, address: "fd00::11", forward: direct}

            """)
        let services = try #require(configuration.declaration).services
        #expect(
            services[0].setup
                == ServiceSetup(
                    scheduler: .known(.mh), flags: [.fallback, .port],
                    persistence: ServiceSetup.Persistence(
                        timeoutSeconds: 300, mask: 0xFFFF_FF00, engine: "sip"),
                    isOnePacket: true))
        #expect(
            services[0].members.map(\.setup) == [
                DestinationSetup(
                    forwarding: .tunnel(
                        Forwarding.Tunnel(kind: .gue, port: 6_080, checksum: .remote)),
                    upperConnections: 100, lowerConnections: 80),
                DestinationSetup(
                    forwarding: .tunnel(Forwarding.Tunnel(kind: .gre, checksum: .full))),
            ])
        #expect(services[0].members.map(\.capacity) == [2, 1])
        #expect(
            services[1].setup
                == ServiceSetup(
                    scheduler: .known(.wrr),
                    persistence: ServiceSetup.Persistence(timeoutSeconds: 3_600, mask: 64)))
        #expect(services[1].members.map(\.setup.forwarding) == [.direct])
        let sorry = DestinationKey(address: try #require(Address("fd00::99")), port: 0)
        #expect(services[1].sorry?.key == sorry)
        #expect(services[1].sorry?.setup.forwarding == .direct)
        #expect(configuration.cluster.services[1].sorry == sorry)
        #expect(configuration.cluster.services.map(\.onFailure) == [.quiesce, .remove])
    }

    @Test func `what holds for the whole table is read, and left alone where nothing is said`()
        throws
    {
        let web = try ConfigurationFolder.good("services.d/web.yaml")
        let plain = try declaration(web)
        #expect(plain.ipvs.timeouts == Timeouts())
        #expect(plain.ipvs.sync == [])
        #expect(plain.ipvs.drift == .reassert)
        #expect(plain.ipvs.leaveSeconds == 300)
        let full = try declaration(
            web,
            ipvs: """
                  drift: alert
                  leave: 2min
                  timeouts: {tcp: 15min, tcp_fin: 30s}
                  sync:
                    - {role: master, id: 7, interface: eth1, group: 224.0.0.9, port: 9000, ttl: 3, maxlen: 1400}
                    - {role: backup, id: 7, interface: eth1}

                """)
        #expect(full.ipvs.drift == .alert)
        #expect(full.ipvs.leaveSeconds == 120)
        #expect(full.ipvs.timeouts == Timeouts(tcp: 900, tcpFin: 30))
        #expect(
            full.ipvs.sync == [
                SyncDaemon(
                    role: .master, id: 7, interface: "eth1", group: Address("224.0.0.9"),
                    port: 9_000, ttl: 3, mostBytes: 1_400),
                SyncDaemon(role: .backup, id: 7, interface: "eth1"),
            ])
    }

    @Test func `with manage weights nothing is declared`() throws {
        #expect(try #require(ConfigurationFolder().load().configuration).declaration == nil)
    }
}
