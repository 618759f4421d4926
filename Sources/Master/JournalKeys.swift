// The keys of master.yaml about the journal.

internal import Settings

/// Where and how much is recorded for replays.
struct JournalSettings: Equatable, Sendable {
    /// Nothing when nothing is to be recorded.
    var folder: String?
    var mostBytes: Int
}

enum JournalKeys {
    static let record = Key<Bool>(
        "journal.record", .word("way to record", ["on": true, "off": false]), .standard("on"),
        help: "off: nothing is recorded.")
    static let size = Key<Int>(
        "journal.size", .mebibytes(4...4096), .standard("64MiB"),
        help: "What all its files may take together; the oldest make room.")

    static let entries = [
        JournalPlace.group.entry, record.entry, JournalPlace.folderKey.entry, size.entry,
    ]

    /// What the section says; `nil` after a report.
    static func settings(in section: inout Section, folder beside: String) -> JournalSettings? {
        section.group(JournalPlace.group) { section in
            let isOn = section.value(record)
            let folder = section.value(JournalPlace.folderKey).map { Files.join(beside, $0) }
            guard let isOn, let folder, let mebibytes = section.value(size) else { return nil }
            return JournalSettings(folder: isOn ? folder : nil, mostBytes: mebibytes << 20)
        } ?? nil
    }
}

extension Reading<Int> {
    /// A size, written with its unit.
    fileprivate static func mebibytes(_ allowed: ClosedRange<Int>) -> Reading<Int> {
        let bounds = "\(allowed.lowerBound)MiB to \(allowed.upperBound)MiB"
        return Reading("a size from \(bounds)") { (scalar) throws(Complaint) in
            let unit = "MiB"
            guard scalar.text.hasSuffix(unit), let size = Int(scalar.text.dropLast(unit.count))
            else {
                throw Complaint(
                    "\"\(scalar.text)\" is not a size", remedy: "write a whole number and MiB")
            }
            guard allowed.contains(size) else {
                throw Complaint("\(scalar.text) is out of range", remedy: "\(bounds) is allowed")
            }
            return size
        }
    }
}
