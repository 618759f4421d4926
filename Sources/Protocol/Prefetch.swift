// Memory that is asked for before it is needed; the one file that imports the processor's word for it.

public import CPrefetch

extension Array {
    /// Asks for an element, or for its first bytes; changes nothing, wherever the index lies.
    ///
    /// Where it is called it is to be a few instructions, also in other targets: what is inlined
    /// there has to be public.
    @inlinable @inline(__always)
    public func prefetch(_ index: Int, byteCount: Int = MemoryLayout<Element>.size) {
        guard indices.contains(index) else { return }
        withUnsafeBufferPointer {
            prefetch_bytes($0.baseAddress.map { $0 + index }, byteCount)
        }
    }
}
