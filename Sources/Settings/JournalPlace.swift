// Where a master's journal lies: for the master, which writes it, and for tools that read it.

package enum JournalPlace {
    package static let group = Group(
        "journal", help: "What the master records of all it hears and decides, for replays.")
    package static let folderKey = Key<String>(
        "journal.folder", .path, .standard("/var/lib/poise/journal"),
        help: "The folder of the journal's files, which belongs to the journal alone.")
}
