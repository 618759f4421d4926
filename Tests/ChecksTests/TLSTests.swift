// Pages over TLS: whose certificate is believed, and what is said of one that is not.

import Daemon
import Foundation
import Testing
import Weighting

@testable import Checks

/// Certificates in a folder that is gone with its owner: an authority, and what it vouched for.
final class Certificates {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "poise-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(
            "ca.conf",
            """
            [ca]
            default_ca = all
            [all]
            new_certs_dir = \(folder.path)
            database = \(path("index"))
            serial = \(path("serial"))
            default_md = sha256
            policy = any
            copy_extensions = copy
            unique_subject = no
            [any]
            commonName = supplied
            """)
        try write("index", "")
        try write("serial", "01\n")
        try run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", path("ca.key"), "-out", path("ca.pem"), "-days", "30", "-subj", "/CN=ca")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    private func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments.first ?? "")")
    }

    /// NAME.pem and NAME.key, for a name and for an address of loopback.
    func make(_ name: String, host: String, from: String, to: String) throws {
        try run(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", path("\(name).key"), "-out", path("\(name).csr"), "-subj", "/CN=\(host)",
            "-addext", "subjectAltName=DNS:\(host),IP:127.0.0.1")
        try run(
            "ca", "-batch", "-notext", "-config", path("ca.conf"), "-keyfile", path("ca.key"),
            "-cert", path("ca.pem"), "-in", path("\(name).csr"), "-out", path("\(name).pem"),
            "-startdate", from, "-enddate", to)
    }
}

struct TLSTests {
    /// Calls `body` while a server of TLS shows a page.
    private func serve(
        _ certificates: Certificates, _ name: String, more: [String] = [],
        _ body: (SocketAddress) throws -> Void
    ) throws {
        let address = try Answerer().address
        let program = try ChildProgram(
            [
                "/usr/bin/openssl", "s_server", "-quiet", "-accept", "\(address)", "-www",
                "-cert", certificates.path("\(name).pem"), "-key",
                certificates.path("\(name).key"),
            ] + more, as: nil)
        try body(address)
        program.kill()
    }

    /// The first outcome after the server has begun to listen.
    private func outcome(_ settings: TLSSettings, at address: SocketAddress) throws -> Outcome {
        let request = PageRequest(host: "site.test", tls: settings)
        let timing = CheckTiming(
            intervalNanoseconds: 2_000_000_000, timeoutNanoseconds: 2_000_000_000, rise: 1, fall: 1)
        while true {
            let rig = try Rig()
            rig.watch(Check(.page(request), to: address, timing: timing))
            let outcome = try rig.run()
            guard outcome == .failed("Connection refused") else { return outcome }
        }
    }

    private static let (old, past) = ("20200101000000Z", "20200201000000Z")
    private static let future = "20491231000000Z"

    @Test func `a certificate of a known authority is believed, an expired one is not`() throws {
        let certificates = try Certificates()
        let authority = certificates.path("ca.pem")
        try certificates.make("good", host: "site.test", from: Self.old, to: Self.future)
        try certificates.make("expired", host: "site.test", from: Self.old, to: Self.past)

        try serve(certificates, "good") { address in
            func expect(_ settings: TLSSettings, _ wanted: Outcome) throws {
                let found = try outcome(settings, at: address)
                #expect(found == wanted)
            }
            try expect(
                TLSSettings(authorities: authority, serverName: "site.test"), .passed("status 200"))
            // By its address, which the certificate has, too.
            try expect(TLSSettings(authorities: authority), .passed("status 200"))
            try expect(
                TLSSettings(authorities: authority, serverName: "other.test"),
                .failed("TLS: hostname mismatch"))
            try expect(
                TLSSettings(serverName: "site.test"),
                .failed("TLS: unable to get local issuer certificate"))
            try expect(TLSSettings(isVerified: false), .passed("status 200"))
        }
        try serve(certificates, "expired") { address in
            let found = try outcome(
                TLSSettings(authorities: authority, serverName: "site.test"), at: address)
            #expect(found == .failed("TLS: certificate has expired"))
        }
    }

    @Test func `a server that asks for our certificate gets it`() throws {
        let certificates = try Certificates()
        try certificates.make("good", host: "site.test", from: Self.old, to: Self.future)
        let more = ["-Verify", "1", "-verify_return_error", "-CAfile", certificates.path("ca.pem")]
        try serve(certificates, "good", more: more) { address in
            let mute = TLSSettings(isVerified: false)
            guard case .failed(let text) = try outcome(mute, at: address) else {
                Issue.record("a server let us in that asks for a certificate")
                return
            }
            #expect(text.hasPrefix("TLS: "))
            let named = TLSSettings(
                isVerified: false, certificate: certificates.path("good.pem"),
                key: certificates.path("good.key"))
            let found = try outcome(named, at: address)
            #expect(found == .passed("status 200"))
        }
    }

    @Test func `files that cannot be used are named`() throws {
        let certificates = try Certificates()
        #expect(TLSSettings(authorities: "/no/file").fault()?.part == .authorities)
        #expect(
            TLSSettings(certificate: "/no/file", key: "/no/key").fault()?.part == .certificate)
        #expect(
            TLSSettings(
                certificate: certificates.path("ca.pem"), key: certificates.path("ca.pem")
            ).fault()?.part == .key)
        #expect(TLSSettings().fault() == nil)
    }

    @Test func `a server that speaks no TLS fails`() throws {
        let rig = try Rig()
        let server = try Answerer("220 hello\r\n")
        let request = PageRequest(host: "x", tls: TLSSettings(isVerified: false))
        rig.watch(Check(.page(request), to: server.address, timing: Rig.timing))
        #expect(try rig.next(server.serve).text.contains("TLS: wrong version number"))
    }
}
