// What systemd's units must say because two of them share a host.

import Testing

struct UnitTests {
    let tree: Tree

    init() throws { tree = try Tree.ours.get() }

    @Test func `a unit that stops leaves the folder that another one uses`() throws {
        let units = tree.under("deploy/systemd/", suffix: ".service")
        #expect(units.count > 1)
        for path in units where try tree.lines(path).contains("RuntimeDirectory=poise") {
            #expect(try tree.lines(path).contains("RuntimeDirectoryPreserve=yes"), "\(path)")
        }
    }
}
