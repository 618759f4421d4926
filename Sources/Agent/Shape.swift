// The kinds of value that a key may have: how each is written, and how it is read.

internal import Daemon
internal import Protocol

/// How a value is written.
enum Shape: Equatable {
    case path
    /// Bounds in milliseconds.
    case duration(ClosedRange<Int>)
    case master
    case choice([String])
    case port
    case address
    case url
    case metric

    /// The form that --help shows.
    var form: String {
        switch self {
        case .path: "FILE"
        case .duration(let range):
            "TIME, \(timeText(range.lowerBound))…\(timeText(range.upperBound))"
        case .master: "ADDRESS:PORT PUBLIC-KEY"
        case .choice(let words): words.joined(separator: " | ")
        case .port: "PORT, 1…65535"
        case .address: "ADDRESS"
        case .url: "http://ADDRESS:PORT/PATH"
        case .metric: "NAME or NAME{label=\"value\"}"
        }
    }
}

/// A value that was read.
enum Value {
    case text(String)
    case milliseconds(Int)
    case master(MasterAddress)
    case port(UInt16)
    case address(SocketAddress)
    case url(MetricsURL)
    case metric(MetricSelector)
}

/// Where a master listens, and its public key.
struct MasterAddress {
    let address: SocketAddress
    let publicKey: PublicKey
}

/// Why a value was refused.
struct ValueFault: Error {
    /// Characters from the start of the value to the fault.
    var offset = 0
    let message: String
}

extension Shape {
    func read(_ text: String) throws(ValueFault) -> Value {
        guard !text.isEmpty else { throw ValueFault(message: "a value is missing: \(form)") }
        switch self {
        case .path:
            guard text.hasPrefix("/") else {
                throw ValueFault(message: "\"\(text)\" is not an absolute path")
            }
            return .text(text)
        case .duration(let range):
            return .milliseconds(try Self.milliseconds(text, in: range))
        case .master:
            return .master(try Self.master(text))
        case .choice(let words):
            guard words.contains(text) else {
                let meant = suggestion(for: text, among: words).map { "; did you mean \"\($0)\"?" }
                throw ValueFault(message: "\"\(text)\" is not one of: \(form)\(meant ?? "")")
            }
            return .text(text)
        case .port:
            guard let port = UInt16(text), port > 0 else {
                throw ValueFault(message: "\"\(text)\" is not a port from 1 to 65535")
            }
            return .port(port)
        case .address:
            guard let address = SocketAddress(host: text, port: 0) else {
                throw ValueFault(
                    message: "\"\(text)\" is not a numeric address such as 10.0.0.1 or fd00::1")
            }
            return .address(address)
        case .url:
            guard let url = MetricsURL(text) else {
                throw ValueFault(
                    message: """
                        "\(text)" is not of the form \(form); \
                        the address is numeric, as in http://127.0.0.1:80/metrics
                        """)
            }
            return .url(url)
        case .metric:
            return .metric(try MetricSelector(text))
        }
    }

    private static func milliseconds(
        _ text: String, in range: ClosedRange<Int>
    ) throws(ValueFault) -> Int {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let scale: Int? =
            switch text.dropFirst(digits.count) {
            case "ms": 1
            case "s": 1_000
            default: nil
            }
        guard let scale, let count = Int(digits) else {
            throw ValueFault(message: "\"\(text)\" is not a time such as 500ms or 2s")
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: scale)
        guard !overflow, range.contains(product) else {
            throw ValueFault(
                message: """
                    \(text) is outside of \
                    \(timeText(range.lowerBound))…\(timeText(range.upperBound))
                    """)
        }
        return product
    }

    private static func master(_ text: String) throws(ValueFault) -> MasterAddress {
        let addressText = String(text.prefix { $0 != " " && $0 != "\t" })
        guard let address = SocketAddress(addressText), address.port > 0 else {
            throw ValueFault(
                message: """
                    "\(addressText)" is not a numeric address with a port, \
                    such as 10.0.0.1:7817 or [fd00::1]:7817
                    """)
        }
        let rest = text.dropFirst(addressText.count)
        let keyText = rest.drop { $0 == " " || $0 == "\t" }
        let offset = addressText.count + rest.count - keyText.count
        guard !keyText.isEmpty else {
            throw ValueFault(
                offset: offset,
                message: "the public key of the master at \(address) is missing after its address")
        }
        do throws(KeyTextError) {
            let key = try PublicKey(text: String(keyText))
            return MasterAddress(address: address, publicKey: key)
        } catch {
            throw ValueFault(offset: offset, message: error.description)
        }
    }
}

/// A whole time in its largest unit, as in 500ms and 10s.
func timeText(_ milliseconds: Int) -> String {
    milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
}
