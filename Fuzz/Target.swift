// What libFuzzer calls: one input for the target that POISE_FUZZ_TARGET names.

internal import Glibc

/// One thing that is fuzzed; it traps when something holds that must not.
enum Target: String {
    case report
    case ack
    case receive

    func take(_ input: RawSpan) {
        switch self {
        case .report: fuzzReport(input)
        case .ack: fuzzAck(input)
        case .receive: fuzzReceive(input)
        }
    }

    static let chosen: Target = {
        let name = getenv("POISE_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = Target(rawValue: name) else {
            fatalError("POISE_FUZZ_TARGET is \"\(name)\"; it is to be report, ack or receive")
        }
        return target
    }()
}

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: bytes, count: count)
    Target.chosen.take(input.bytes)
    return 0
}
