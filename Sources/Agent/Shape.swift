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
    case listen
    case url
    case urlOrSocket
    case addressOrSocket
    case socket
    case metric
    case word
    case command
    /// Permissions, as of a file.
    case mode
    /// Some of these.
    case fields([Field])

    /// The form that --help shows.
    var form: String {
        switch self {
        case .path: "FILE"
        case .duration(let range):
            "TIME, \(timeText(range.lowerBound))…\(timeText(range.upperBound))"
        case .master: "ADDRESS:PORT PUBLIC-KEY [PUBLIC-KEY]"
        case .choice(let words): words.joined(separator: " | ")
        case .port: "PORT, 1…65535"
        case .address: "ADDRESS"
        case .listen: "PORT or ADDRESS:PORT"
        case .url: "http://ADDRESS:PORT/PATH"
        case .urlOrSocket: "http://ADDRESS:PORT/PATH or /SOCKET"
        case .addressOrSocket: "ADDRESS:PORT or /SOCKET"
        case .socket: "/SOCKET"
        case .metric: "NAME or NAME{label=\"value\"}"
        case .word: "NAME"
        case .command: "/PROGRAM ARGUMENT…"
        case .mode: "MODE, 0600…0666"
        case .fields(let fields): "some of: \(fields.map(\.word).joined(separator: " "))"
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
    case url(PageURL)
    case place(Place)
    case metric(MetricSelector)
    case words([String])
    case mode(UInt32)
    case fields([Field])
}

/// Where a master listens, and its public keys, the newest first.
struct MasterAddress {
    /// A master has one key, and two while they change.
    static let mostKeys = 2

    let address: SocketAddress
    let publicKeys: [PublicKey]
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
        case .listen:
            let any = UInt16(text).map { SocketAddress.any(port: $0) }
            guard let address = any ?? SocketAddress(text), address.port > 0 else {
                throw ValueFault(
                    message: """
                        "\(text)" is not a port, nor a numeric address with one, \
                        such as 8989, 127.0.0.1:8989 or [::1]:8989
                        """)
            }
            return .address(address)
        case .url:
            return .url(try Self.url(text, form))
        case .urlOrSocket:
            return text.hasPrefix("/")
                ? .place(try Self.socket(text)) : .url(try Self.url(text, form))
        case .addressOrSocket:
            if text.hasPrefix("/") { return .place(try Self.socket(text)) }
            guard let address = SocketAddress(text), address.port > 0 else {
                throw ValueFault(
                    message: "\"\(text)\" is not of the form \(form); the address is numeric")
            }
            return .place(.tcp(address))
        case .socket:
            return .place(try Self.socket(text))
        case .metric:
            return .metric(try MetricSelector(text))
        case .word:
            guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw ValueFault(message: "\"\(text)\" is not one word of plain characters")
            }
            return .text(text)
        case .command:
            guard text.hasPrefix("/") else {
                throw ValueFault(message: "\"\(text)\" does not begin with an absolute path")
            }
            return .words(text.split { $0 == " " || $0 == "\t" }.map(String.init))
        case .mode:
            guard let mode = UInt32(text, radix: 8), mode & ~0o666 == 0, mode & 0o600 == 0o600
            else {
                throw ValueFault(
                    message: "\"\(text)\" is not a mode from 0600 to 0666, such as 0660")
            }
            return .mode(mode)
        case .fields(let known):
            return .fields(try Self.fields(text, known))
        }
    }

    private static func url(_ text: String, _ form: String) throws(ValueFault) -> PageURL {
        guard let url = PageURL(text) else {
            throw ValueFault(
                message: """
                    "\(text)" is not of the form \(form); \
                    the address is numeric, as in http://127.0.0.1:80/metrics
                    """)
        }
        return url
    }

    /// The longest path that the kernel takes for a socket.
    private static let longestSocketPath = 107

    private static func socket(_ text: String) throws(ValueFault) -> Place {
        guard text.hasPrefix("/") else {
            throw ValueFault(message: "\"\(text)\" is not an absolute path")
        }
        guard text.utf8.count <= longestSocketPath else {
            throw ValueFault(
                message: "the path of a socket is longer than \(longestSocketPath) bytes")
        }
        return .unix(text)
    }

    private static func fields(_ text: String, _ known: [Field]) throws(ValueFault) -> [Field] {
        var fields: [Field] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
            let offset = text.distance(from: text.startIndex, to: word.startIndex)
            guard let field = Field(word: word), known.contains(field) else {
                let words = known.map(\.word).joined(separator: " ")
                throw ValueFault(
                    offset: offset, message: "\"\(word)\" is none of its figures: \(words)")
            }
            guard !fields.contains(field) else {
                throw ValueFault(offset: offset, message: "\"\(word)\" stands there twice")
            }
            fields.append(field)
        }
        return fields
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
        var rest = text.dropFirst(addressText.count)
        var keys: [PublicKey] = []
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard !rest.isEmpty else { break }
            let offset = text.count - rest.count
            let keyText = rest.prefix { $0 != " " && $0 != "\t" }
            guard keys.count < MasterAddress.mostKeys else {
                throw ValueFault(
                    offset: offset,
                    message: "a master has \(MasterAddress.mostKeys) public keys at most; "
                        + "another master has a line of its own")
            }
            do throws(KeyTextError) {
                keys.append(try PublicKey(text: String(keyText)))
            } catch {
                throw ValueFault(offset: offset, message: error.description)
            }
            guard keys.count < 2 || keys[0] != keys[1] else {
                throw ValueFault(offset: offset, message: "the same key stands there twice")
            }
            rest = rest.dropFirst(keyText.count)
        }
        guard !keys.isEmpty else {
            throw ValueFault(
                offset: text.count,
                message: "the public key of the master at \(address) is missing after its address")
        }
        return MasterAddress(address: address, publicKeys: keys)
    }
}

/// A whole time in its largest unit, as in 500ms and 10s.
func timeText(_ milliseconds: Int) -> String {
    milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
}
