// Memory that is asked for before it is needed; the one file that imports the processor's word for it.

internal import CPrefetch

extension Array {
    /// Asks for an element, or for its first bytes; changes nothing, wherever the index lies.
    package func prefetch(_ index: Int, byteCount: Int = MemoryLayout<Element>.size) {
        guard indices.contains(index) else { return }
        withUnsafeBufferPointer {
            prefetch_bytes($0.baseAddress.map { $0 + index }, byteCount)
        }
    }
}
