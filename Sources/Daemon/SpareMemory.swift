// Memory that was needed for a moment goes back to the system.

internal import CLinux

package enum SpareMemory {
    /// Gives back what the allocator keeps for later: it keeps tens of megabytes where files of ten
    /// thousand servers were read.
    package static func giveBack() { linux_give_back_memory() }

    /// Lets what is large go back when it is freed; to be called before anything is.
    package static func keepLargeBlocksApart() { linux_keep_large_blocks_apart() }
}
