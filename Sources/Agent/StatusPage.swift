// One status page that is fetched again and again, and the newest readings from it.

internal import Daemon

/// What is wanted from the answer to a question.
struct Wanted {
    fileprivate(set) var metrics: [MetricSelector] = []
    /// Names of proxies; `nil` is all of them together.
    fileprivate(set) var proxies: [String?] = []
}

/// A page and what is wanted from it.
final class StatusPage {
    /// How long a fetch may take, over however many reports, how long one of them waits for it, and
    /// how long after its beginning the answer is looked for; in nanoseconds.
    struct Patience {
        let timeout: Int64
        let prompt: Int64
        let look: Int64
    }

    let question: Question
    private let request: [UInt8]
    private let token: UInt64
    private let patience: Patience
    private var wanted = Wanted()
    private var fetch: Fetch?
    /// What the next fetch may ask over.
    private var kept: PageConnection?
    private var dueAt = Int64.min

    /// From the beginning of one fetch to that of the next, in nanoseconds; 0 is at every report.
    var pause: Int64

    /// The newest figures: by the places that ``add(_:)`` and ``add(proxy:)`` gave.
    let readings = Readings(holding: true)
    /// Whether the last answer came so soon that the next report may wait for its own.
    private(set) var isPrompt = true

    init(_ question: Question, token: UInt64, patience: Patience, pause: Int64 = 0) {
        self.question = question
        self.token = token
        self.patience = patience
        self.pause = pause
        request = question.request
    }

    /// Reads one more metric from the page; the answer is its place in the readings.
    func add(_ selector: MetricSelector) -> Int {
        if let index = wanted.metrics.firstIndex(of: selector) { return index }
        wanted.metrics.append(selector)
        return wanted.metrics.count - 1
    }

    /// Reads the figures of one more proxy; the answer is the place of the first of its fields.
    func add(proxy: String?) -> Int {
        let index = wanted.proxies.firstIndex(of: proxy) ?? wanted.proxies.count
        if index == wanted.proxies.count { wanted.proxies.append(proxy) }
        return index * Field.allCases.count
    }

    var isFetching: Bool { fetch != nil }

    /// When to call ``expire(at:poller:buffer:)`` for the fetch under way.
    var deadline: Int64? { fetch.map { min($0.lookAt ?? $0.deadline, $0.deadline) } }

    /// Begins a fetch when it is due, or lets the one that is under way go on.
    func begin(at now: Int64, poller: borrowing Poller) {
        guard fetch == nil else {
            // It takes longer than a report does, so the next ones do not wait for it.
            isPrompt = false
            return
        }
        guard now >= dueAt else { return }
        dueAt = now + pause
        let kept = self.kept
        self.kept = nil
        do throws(SystemError) {
            fetch = try Fetch(
                question, request: request, wanted, over: kept, at: now,
                lookAt: now + patience.look, deadline: now + patience.timeout, poller: poller,
                token: token)
        } catch {
            fail(error.description)
        }
    }

    /// Goes on with the fetch; call it when the poller reports the page's token.
    func advance(at now: Int64, poller: borrowing Poller, buffer: UnsafeMutableRawBufferPointer) {
        guard let fetch else { return }
        do throws(FetchFault) {
            guard let read = try fetch.advance(poller: poller, token: token, buffer: buffer) else {
                return
            }
            readings.take(read, at: now)
            isPrompt = now - fetch.startedAt <= patience.prompt
            kept = fetch.spare(poller)
            self.fetch = nil
        } catch {
            fail(error.text)
        }
    }

    /// Looks for the answer when it should be there, and gives up when the deadline has passed.
    func expire(at now: Int64, poller: borrowing Poller, buffer: UnsafeMutableRawBufferPointer) {
        if let lookAt = fetch?.lookAt, now >= lookAt {
            advance(at: now, poller: poller, buffer: buffer)
        }
        guard let fetch, now >= fetch.deadline else { return }
        let timeout = timeText(Int(patience.timeout / 1_000_000))
        fail("no whole answer from \(question.text) within \(timeout)")
    }

    private func fail(_ why: String) {
        readings.fail(why)
        isPrompt = false
        fetch = nil
    }
}
