// Broken configurations, each with the exact words that the operator gets.
//
// Broken/NAME holds the files that differ from Good, and expected.txt; UPDATE_GOLDEN=1 writes the
// latter anew.

import Foundation
import Settings
import Testing

@testable import Master

struct BrokenConfigurationTests {
    private static let folder = ConfigurationFolder.tests.appending(path: "Broken")
    private static let harmless: Set<String> = ["no-services", "warnings"]

    static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []

    @Test func `there are ten broken configurations at least`() {
        #expect(Self.names.count >= 10)
    }

    @Test(arguments: names)
    func `a broken configuration is refused with exactly these words`(name: String) throws {
        let overlay = Self.folder.appending(path: name)
        let broken = try ConfigurationFolder(overlay: overlay)
        let loaded = broken.load()
        #expect((loaded.configuration != nil) == Self.harmless.contains(name))
        #expect(!loaded.problems.isEmpty)

        let golden = overlay.appending(path: "expected.txt")
        let report = broken.report(loaded)
        #expect(report.matches(of: /poise-sk1-[a-z2-7]/).isEmpty, "a private key is shown")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data(report.utf8).write(to: golden)
        }
        let expected = try String(contentsOf: golden, encoding: .utf8)
        #expect(report == expected, "\(name)/expected.txt differs")
    }
}
