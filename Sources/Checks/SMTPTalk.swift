// Greets a mail server: its banner, its answer to EHLO, and goodbye.

package struct SMTPRequest: Hashable, Sendable {
    /// Who we say that we are.
    package let name: String

    package init(name: String) { self.name = name }
}

struct SMTPTalk: StreamTalk {
    private enum Step { case banner, hello, goodbye }

    static let longestLine = 512
    /// A server lists its extensions, a line each.
    static let mostLines = 100

    private let request: SMTPRequest
    private var step = Step.banner
    private var line: [UInt8] = []
    private var lines = 0

    init(_ request: SMTPRequest) { self.request = request }

    var opening: [UInt8] { [] }

    var awaited: String {
        switch step {
        case .banner: "no banner"
        case .hello: "no answer to EHLO"
        case .goodbye: "no answer to QUIT"
        }
    }

    mutating func hear(_ bytes: UnsafeRawBufferPointer) -> Reply {
        var said: [UInt8] = []
        for byte in bytes {
            guard byte == 0x0A else {
                guard line.count < Self.longestLine else {
                    return .done(.failed("a line is longer than \(Self.longestLine) bytes"))
                }
                line.append(byte)
                continue
            }
            defer { line.removeAll(keepingCapacity: true) }
            switch takeLine() {
            case .wait: continue
            case .say(let bytes): said += bytes
            case .done(let outcome): return .done(outcome)
            }
        }
        return said.isEmpty ? .wait : .say(said)
    }

    /// A line is as in "250-SIZE 10240000"; the last one of an answer has a space there.
    private mutating func takeLine() -> Reply {
        lines += 1
        let code = line.prefix(3)
        guard lines <= Self.mostLines, code.count == 3, code.allSatisfy(ByteSet.digits.contains)
        else { return .done(.failed("this is not SMTP: \(Shown.text(line))")) }
        if line.dropFirst(3).first == UInt8(ascii: "-") { return .wait }
        switch step {
        case .banner:
            guard code.elementsEqual("220".utf8) else { return refused("the banner") }
            step = .hello
            return .say(Array("EHLO \(request.name)\r\n".utf8))
        case .hello:
            guard code.elementsEqual("250".utf8) else { return refused("EHLO") }
            step = .goodbye
            return .say(Array("QUIT\r\n".utf8))
        case .goodbye:
            return .done(.passed("greets"))
        }
    }

    private func refused(_ what: String) -> Reply {
        .done(.failed(Shown.cut("\(what): \(Shown.text(line))")))
    }

    mutating func end() -> Outcome {
        // All that was wanted is there; some servers hang up without a word.
        step == .goodbye ? .passed("greets") : .failed("it hangs up: \(awaited)")
    }
}
