// Memory that was needed for a moment goes back to the system.

internal import CLinux

package enum SpareMemory {
    /// Gives back what the allocator keeps for later: it keeps tens of megabytes where files of ten
    /// thousand servers were read.
    package static func giveBack() { linux_give_back_memory() }
}
