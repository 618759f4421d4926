// How long, as a person writes it on the command line: 90s, 20m, 8h, 3d.

internal import Settings

enum Span {
    private static let units: [(suffix: String, seconds: Double)] = [
        ("ms", 0.001), ("min", 60), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400),
    ]

    /// Seconds, 1 at least.
    static func seconds(_ text: String, _ option: String) throws(Failure) -> Double {
        guard let (suffix, seconds) = units.first(where: { text.hasSuffix($0.suffix) }),
            let number = Quantity.decimal(text.dropLast(suffix.count)),
            (1...(366 * 86_400)).contains(number * seconds)
        else {
            throw .usage(
                "\(option) takes a time from 1s to 366d, such as 90s, 20m, 8h or 3d; "
                    + "\"\(printable(text))\" is none")
        }
        return number * seconds
    }

    /// As in `40 s`, `5 min`, `3 h`; rounded up, for it is an estimate.
    static func text(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(Int(seconds.rounded(.up))) s"
        case ..<7_200: "\(Int((seconds / 60).rounded(.up))) min"
        default: "\(Int((seconds / 3_600).rounded(.up))) h"
        }
    }
}
