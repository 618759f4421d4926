// All that figures of services come from, each made once however many services it tells of.

internal import Daemon

/// Pages, files, programs and sockets of the configuration.
final class Feeds {
    /// Tokens of the poller from here up belong to what is in here, a range for each kind.
    static let firstToken: UInt64 = 1_000
    private static let firstProgramToken: UInt64 = 2_000
    /// What arrives is read in pieces of this size; no datagram is longer.
    private static let pieceBytes = 16_384

    private let patience: StatusPage.Patience
    private let pagePause: Int64
    private var pages: [StatusPage] = []
    private var files: [FileSource] = []
    private var programs: [ExecSource] = []
    private var sockets: [StatsdSource] = []

    /// From one fetch of a page to the next are `pagePause` nanoseconds at least.
    init(patience: StatusPage.Patience, pagePause: Int64) {
        self.patience = patience
        self.pagePause = pagePause
    }

    /// The page that answers the question.
    func page(_ question: Question) -> StatusPage {
        Self.only(in: &pages, where: { $0.question == question }) {
            StatusPage(
                question, token: Self.firstToken + $0, patience: patience, pause: pagePause)
        }
    }

    /// Where the figures of a source will be, in the order of its fields, and how messages call it.
    func readings(
        of source: Configuration.Source
    ) -> (readings: Readings, places: [Int], name: String) {
        switch source.origin {
        case .metrics(let url, let metrics):
            let page = page(.metrics(url))
            return (page.readings, metrics.map(page.add), "the page at \(url.text)")
        case .page(let question, let proxy):
            let page = page(question)
            let first = page.add(proxy: proxy)
            let name = proxy.map { "proxy \"\($0)\" of \(question.text)" } ?? question.text
            return (page.readings, source.fields.map { first + $0.rawValue }, name)
        case .file(let settings):
            return (file(settings).readings, source.fields.map(\.rawValue), settings.path)
        case .exec(let settings):
            let name = settings.arguments.first ?? ""
            return (program(settings).readings, source.fields.map(\.rawValue), name)
        case .statsd(let settings):
            return (socket(settings).readings, source.fields.map(\.rawValue), settings.path)
        }
    }

    private func file(_ settings: FileSource.Settings) -> FileSource {
        Self.only(
            in: &files, where: { $0.settings == settings }, make: { _ in FileSource(settings) })
    }

    private func program(_ settings: ExecSource.Settings) -> ExecSource {
        Self.only(in: &programs, where: { $0.settings == settings }) {
            ExecSource(settings, token: Self.firstProgramToken + $0)
        }
    }

    private func socket(_ settings: StatsdSource.Settings) -> StatsdSource {
        Self.only(
            in: &sockets, where: { $0.settings == settings }, make: { _ in StatsdSource(settings) })
    }

    /// The source that is like this, made with its place in the list when there is none yet.
    private static func only<Source>(
        in list: inout [Source], where isSame: (Source) -> Bool, make: (UInt64) -> Source
    ) -> Source {
        if let known = list.first(where: isSame) { return known }
        let source = make(UInt64(list.count))
        list.append(source)
        return source
    }
}

extension Feeds {
    /// Begins a look at everything.
    func begin(at now: Int64, poller: borrowing Poller) {
        for page in pages { page.begin(at: now, poller: poller) }
        for program in programs { program.begin(at: now, poller: poller) }
        for socket in sockets { socket.begin(at: now) }
    }

    /// Goes on with what the poller reported.
    func advance(token: UInt64, at now: Int64, poller: borrowing Poller) {
        withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 8) { buffer in
            switch token {
            case Self.firstToken..<Self.firstProgramToken:
                let index = Int(token - Self.firstToken)
                guard pages.indices.contains(index) else { return }
                pages[index].advance(at: now, poller: poller, buffer: buffer)
            default:
                let index = Int(clamping: token &- Self.firstProgramToken)
                guard programs.indices.contains(index) else { return }
                programs[index].advance(at: now, buffer: buffer)
            }
        }
    }

    /// Looks at what should be there now, and gives up on what took too long.
    func expire(at now: Int64, poller: borrowing Poller) {
        guard let deadline, now >= deadline else { return }
        withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 8) { buffer in
            for page in pages { page.expire(at: now, poller: poller, buffer: buffer) }
        }
        for program in programs { program.expire(at: now) }
        for socket in sockets { socket.expire(at: now) }
    }

    /// Brings files and sockets up to date for a report.
    func collect(at now: Int64) {
        for file in files { file.look(at: now) }
        for socket in sockets { socket.collect(at: now) }
    }

    /// Whether a page is under way that is worth a short wait.
    var isWorthWaiting: Bool { pages.contains { $0.isFetching && $0.isPrompt } }

    var isFetching: Bool {
        pages.contains { $0.isFetching } || programs.contains { $0.isFetching }
    }

    /// When the next thing under way is to be given up or looked at again.
    var deadline: Int64? {
        var earliest: Int64?
        for deadline in pages.lazy.map(\.deadline) {
            if let deadline { earliest = min(earliest ?? deadline, deadline) }
        }
        for deadline in programs.lazy.map(\.deadline) {
            if let deadline { earliest = min(earliest ?? deadline, deadline) }
        }
        for deadline in sockets.lazy.map(\.deadline) {
            if let deadline { earliest = min(earliest ?? deadline, deadline) }
        }
        return earliest
    }
}
