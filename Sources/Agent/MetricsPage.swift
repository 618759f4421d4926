// One metrics page that is fetched again and again, and the newest readings from it.

internal import Daemon

/// A page and the metrics that are wanted from it.
final class MetricsPage {
    /// How long a fetch may take, over however many reports, and how long one of them waits for it;
    /// in nanoseconds.
    struct Patience {
        let timeout: Int64
        let prompt: Int64
    }

    let url: MetricsURL
    private let token: UInt64
    private let patience: Patience
    private var selectors: [MetricSelector] = []
    private var fetch: Fetch?

    /// The newest readings in the order of ``add(_:)``, and when their last byte came.
    private(set) var readings: [Double?] = []
    private(set) var readAt: Int64?
    /// Why the last fetch failed; `nil` when it did not.
    private(set) var failure: String?
    /// What is wrong with the page; `nil` while a known page takes its time.
    var fault: String? { failure ?? (readAt == nil ? "no answer yet" : nil) }
    /// Whether the last answer came so soon that the next report may wait for its own.
    private(set) var isPrompt = true

    init(url: MetricsURL, token: UInt64, patience: Patience) {
        self.url = url
        self.token = token
        self.patience = patience
    }

    /// Reads one more metric from the page; the answer is its place in ``readings``.
    func add(_ selector: MetricSelector) -> Int {
        if let index = selectors.firstIndex(of: selector) { return index }
        selectors.append(selector)
        return selectors.count - 1
    }

    var isFetching: Bool { fetch != nil }

    /// When to give up on the fetch under way.
    var deadline: Int64? { fetch?.deadline }

    /// Begins a fetch, or lets the one that is under way go on.
    func begin(at now: Int64, poller: borrowing Poller) {
        guard fetch == nil else {
            // It takes longer than a report does, so the next ones do not wait for it.
            isPrompt = false
            return
        }
        do throws(SystemError) {
            fetch = try Fetch(
                url, selectors, at: now, deadline: now + patience.timeout, poller: poller,
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
            readings = read
            readAt = now
            failure = nil
            isPrompt = now - fetch.startedAt <= patience.prompt
            self.fetch = nil
        } catch {
            fail(error.text)
        }
    }

    /// Gives up when the deadline has passed.
    func expire(at now: Int64) {
        guard let deadline, now >= deadline else { return }
        let timeout = timeText(Int(patience.timeout / 1_000_000))
        fail("no whole answer from \(url.text) within \(timeout)")
    }

    private func fail(_ why: String) {
        failure = why
        isPrompt = false
        fetch = nil
    }
}
