// The end of a recording under two policies: the one it was recorded with, and a changed one.

internal import Journal
internal import Weighting

/// The newest segments of a journal, as many as the time needs.
struct NewestRecording {
    /// The oldest first.
    private(set) var segments: [[UInt8]] = []
    /// Where to begin, on people's clock.
    let fromUnixNanoseconds: UInt64
    /// What was not read.
    private(set) var complaints: [String] = []

    init(folder: String, seconds: Double) throws(Failure) {
        let paths: [String]
        do throws(JournalFiles.Failure) {
            paths = try JournalFiles(at: folder).paths
        } catch {
            throw .files(
                "\(printable("\(error)")); is the master running, with journal.record on? "
                    + "The journal is readable for the master's user and root")
        }
        let length = UInt64(seconds * 1e9)
        var end: UInt64?
        for path in paths.reversed() {
            do throws(JournalFiles.Failure) {
                let records = try JournalFiles.content(of: path).records
                let (span, fault) = Self.span(of: records)
                guard let span else {
                    if let fault { complaints.append("\(path): \(fault)") }
                    continue
                }
                segments.insert(records, at: 0)
                let last = end ?? span.upperBound
                end = last
                if span.lowerBound + length <= last { break }
            } catch {
                complaints.append("\(error)")
                if end != nil { break }
            }
        }
        guard let end else {
            throw .files(
                "\(printable(folder)) holds no tick that can be read"
                    + (complaints.first.map { ": \(printable($0))" } ?? ""))
        }
        fromUnixNanoseconds = end - min(end, length)
    }

    /// From the beginning of a segment to its last tick, nothing without any; and why it ended.
    private static func span(of records: [UInt8]) -> (ClosedRange<UInt64>?, fault: String?) {
        var reader = RecordReader(records)
        var moment: Checkpoint.Moment?
        var last: UInt64?
        var fault: String?
        do {
            while let record = try reader.next() {
                switch record {
                case .checkpoint(let checkpoint): moment = checkpoint.moment
                case .event(.tick(let now, _)): last = moment?.unixNanoseconds(at: now)
                default: break
                }
            }
        } catch {
            fault = JournalError(error).text
        }
        guard let first = moment?.unixNanoseconds, let last, first <= last else {
            return (nil, fault)
        }
        return (first...last, fault)
    }
}

/// What both policies make of it, member by member.
struct PolicyPreview {
    /// Of the services that would have the changed policy, by service and server.
    let rows: [Comparison.Row]
    let serviceNames: Set<String>
    let ticks: Int
    let fromUnixNanoseconds: UInt64
    let untilUnixNanoseconds: UInt64
    /// What was not read.
    let complaints: [String]

    /// `services` have the policy; without any, those that had the common one.
    init(_ recording: NewestRecording, policy: Policy, services: Set<String>) {
        var comparison = Comparison(from: recording.fromUnixNanoseconds) { cluster in
            cluster.with(policy, for: services)
        }
        complaints = recording.segments.compactMap { comparison.take($0)?.text }
        let declared = comparison.cluster?.services ?? []
        serviceNames = Set(declared.map(\.name))
        let changed =
            services.isEmpty ? Set(declared.filter { $0.policy == nil }.map(\.name)) : services
        rows = comparison.rows.values.filter { changed.contains($0.service) }.sorted {
            ($0.service, $0.server, "\($0.destination)")
                < ($1.service, $1.server, "\($1.destination)")
        }
        ticks = comparison.ticks
        fromUnixNanoseconds = comparison.firstUnixNanoseconds
        untilUnixNanoseconds = comparison.lastUnixNanoseconds
    }
}

extension Cluster {
    /// The same with another policy for these services, or for all with the common one.
    ///
    /// Its interval stays: under a shorter one every recorded tick would be late.
    fileprivate func with(_ changed: Policy, for names: Set<String>) -> Cluster {
        var (other, policy) = (self, changed)
        policy.interval = self.policy.interval
        guard !names.isEmpty else {
            other.policy = policy
            return other
        }
        other.services = services.map { service in
            guard names.contains(service.name) else { return service }
            return Cluster.Service(
                name: service.name, key: service.key, members: service.members, policy: policy)
        }
        return other
    }
}
