// poise policy replay: recorded events once more, with the same policy or another.

internal import ArgumentParser
internal import Journal
internal import Protocol
internal import Weighting

struct ReplayCommand: Act {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replays what a master recorded, with its own policy or another one.",
        discussion: """
            Without --policy it checks that every decision comes out as it was, and exits with 1 \
            where one does not, or where something cannot be read. With --policy it shows what that policy would have made of the \
            same reports: what servers would have reported under its weights nobody knows. \
            Services with a policy of their own keep it.
            """)

    @Argument(
        help: ArgumentHelp("A journal's folder, or one file of it.", valueName: "journal"))
    var journal: String

    @OptionGroup var policy: PolicyOption

    @Flag(help: "Print JSON, an object on each line.")
    var json = false

    @Option(help: ArgumentHelp("With --policy, draw both weights here.", valueName: "file.svg"))
    var plot: String?

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let paths: [String]
        do throws(JournalFiles.Failure) {
            paths = try JournalFiles(at: journal).paths
        } catch {
            throw .files(printable("\(error)"))
        }
        if policy.files.isEmpty {
            guard plot == nil else { throw .usage("--plot draws two policies; add --policy FILE") }
            var replays: [ReplayScreen.Segment] = []
            for path in paths { await replay(path, session).map { replays.append($0) } }
            return try ReplayScreen(replays: replays, isJSON: json).outcome()
        }
        return try await compare(paths, with: try policy.policy(), session)
    }

    private func replay(_ path: String, _ session: Session) async -> ReplayScreen.Segment? {
        do throws(JournalFiles.Failure) {
            guard let content = try await content(of: path, session) else { return nil }
            return ReplayScreen.Segment(
                path: path, replay: Replay.of(content.records), tailBytes: content.tailByteCount)
        } catch {
            return ReplayScreen.Segment(path: path, unreadable: "\(error)")
        }
    }

    /// For how long a master may be at work on the newest block.
    private static let attempts = 5
    private static let pauseSeconds = 0.2

    /// What is in a file; nothing when it has made room since the folder was read.
    private func content(
        of path: String, _ session: Session
    ) async throws(JournalFiles.Failure) -> SegmentForm.Content? {
        var content: SegmentForm.Content?
        for _ in 0..<Self.attempts {
            do throws(JournalFiles.Failure) {
                content = try JournalFiles.content(of: path)
            } catch {
                guard error.isGone, path != journal else { throw error }
                return nil
            }
            guard let content, content.tailByteCount > 0 else { break }
            await session.pause(Self.pauseSeconds)
        }
        return content
    }

    private func compare(
        _ paths: [String], with policy: Policy, _ session: Session
    ) async throws(Failure) -> Outcome {
        var comparison = Comparison { cluster in
            var other = cluster
            other.policy = policy
            return other
        }
        var complaint = ""
        for path in paths {
            do throws(JournalFiles.Failure) {
                guard let content = try await content(of: path, session) else { continue }
                if let end = comparison.take(content.records) {
                    complaint += "poise: \(printable(path)): \(printable(end.text))\n"
                }
                if content.tailByteCount > 0 {
                    complaint +=
                        "poise: \(printable(path)): \(ReplayScreen.text(ofTail: content.tailByteCount))\n"
                }
            } catch {
                complaint += "poise: \(printable("\(error)"))\n"
            }
        }
        if let interval = comparison.interval, interval != policy.interval {
            complaint +=
                "poise: ticks come when they came, every \(interval) s; the policy's interval of "
                + "\(policy.interval) s is left out\n"
        }
        let screen = ComparisonScreen(comparison)
        if let plot { try TextFile.replace(plot, ComparisonPlot(comparison).svg()) }
        return Outcome(
            output: json ? try screen.json() : screen.text(), complaint: complaint,
            status: comparison.ticks > 0 ? .done : .failed)
    }
}

/// What the replay of each file of a journal came to.
struct ReplayScreen {
    let replays: [Segment]
    let isJSON: Bool

    struct Segment: Encodable {
        let path: String
        var replay: Replay?
        /// Behind the last whole block.
        var tailBytes = 0
        var unreadable: String?

        init(path: String, replay: Replay, tailBytes: Int) {
            (self.path, self.replay, self.tailBytes) = (path, replay, tailBytes)
        }

        init(path: String, unreadable: String) {
            (self.path, self.unreadable) = (path, unreadable)
        }

        /// Whether every decision in it is as it was.
        var isIdentical: Bool { isWhole && replay?.isIdentical ?? false }

        /// Whether all of it was read.
        var isWhole: Bool { tailBytes == 0 && replay.map { $0.end == nil } ?? false }

        private enum CodingKeys: String, CodingKey {
            case file, identical, reports, ticks, reloads, release, error
            case fromUnixMilliseconds, untilUnixMilliseconds, tailBytes, differsAtTick
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(path, forKey: .file)
            try container.encode(isIdentical, forKey: .identical)
            try container.encodeIfPresent(unreadable ?? replay?.end?.text, forKey: .error)
            guard let replay else { return }
            try container.encode(replay.reports, forKey: .reports)
            try container.encode(replay.ticks, forKey: .ticks)
            try container.encode(replay.reloads, forKey: .reloads)
            try container.encode(replay.release, forKey: .release)
            try container.encode(
                replay.fromUnixNanoseconds / 1_000_000, forKey: .fromUnixMilliseconds)
            try container.encode(
                replay.untilUnixNanoseconds / 1_000_000, forKey: .untilUnixMilliseconds)
            try container.encode(tailBytes, forKey: .tailBytes)
            try container.encodeIfPresent(replay.difference?.tick, forKey: .differsAtTick)
        }
    }

    func outcome() throws(Failure) -> Outcome {
        var output = ""
        for segment in replays {
            output += isJSON ? try JSON.text(segment, isPretty: false) : text(segment)
        }
        let isDifferent = replays.contains { $0.replay?.difference != nil }
        let partial = replays.count { !$0.isWhole }
        let hasTicks = replays.contains { $0.replay?.ticks ?? 0 > 0 }
        let isIdentical = !isDifferent && partial == 0 && hasTicks
        if !isJSON { output += verdict(isDifferent, partial, hasTicks) + "\n" }
        return Outcome(output: output, status: isIdentical ? .done : .failed)
    }

    private func verdict(_ isDifferent: Bool, _ partial: Int, _ hasTicks: Bool) -> String {
        if isDifferent { return "not identical" }
        if partial > 0 { return "\(partial) of \(replays.count) files could not be read whole" }
        return hasTicks ? "identical" : "nothing to replay"
    }

    /// What to say of bytes that are in no whole block.
    static func text(ofTail byteCount: Int) -> String {
        "\(byteCount) bytes behind the last whole block were left out"
    }

    private func word(_ replay: Replay) -> String {
        if replay.difference != nil { return "differs" }
        if case .otherRelease = replay.end { return "not read" }
        return replay.ticks > 0 ? "every decision as it was" : "nothing to replay"
    }

    private func text(_ segment: Segment) -> String {
        let name = printable(segment.path.split(separator: "/").last.map(String.init) ?? "")
        guard let replay = segment.replay else {
            return "\(name)  \(printable(segment.unreadable ?? ""))\n"
        }
        let from = EventLine.time(replay.fromUnixNanoseconds / 1_000_000, isWide: false)
        let until = EventLine.time(replay.untilUnixNanoseconds / 1_000_000, isWide: false)
        var lines = [
            "\(name)  \(from) to \(until)  \(replay.reports) reports, \(replay.ticks) ticks, "
                + "\(replay.reloads) reloads: "
                + word(replay)
        ]
        if let difference = replay.difference {
            let time = EventLine.time(difference.unixNanoseconds / 1_000_000, isWide: true)
            lines.append("  tick \(difference.tick), \(time): another decision than the recorded")
        }
        if let end = replay.end { lines.append("  \(printable(end.text))") }
        if segment.tailBytes > 0 { lines.append("  \(Self.text(ofTail: segment.tailBytes))") }
        return lines.joined(separator: "\n") + "\n"
    }
}
