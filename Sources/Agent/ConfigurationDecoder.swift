// From the shape of a file to its meaning; goes on after a fault, so that one run shows them all.

internal import Daemon
internal import Protocol

struct ConfigurationDecoder {
    private(set) var problems: [Problem]

    /// The values of one section by key, with the places they were read from.
    struct Values {
        let section: INIFile.Section
        var read: [(setting: Setting, value: Value, entry: INIFile.Entry)] = []
        /// Keys that are there but hold no valid value: the fault is told already.
        var faulty: [Setting] = []

        func value(_ setting: Setting) -> Value? {
            read.first { $0.setting == setting }?.value
        }

        func entry(_ setting: Setting) -> INIFile.Entry? {
            read.first { $0.setting == setting }?.entry
        }

        /// Where a key stands in the file; `nil` when its standard value holds.
        func given(_ setting: Setting) -> INIFile.Entry? {
            entry(setting).flatMap { $0.keyPosition == section.position ? nil : $0 }
        }

        func has(_ setting: Setting) -> Bool {
            entry(setting) != nil || faulty.contains(setting)
        }
    }

    init(problems: [Problem]) { self.problems = problems }

    mutating func decode(_ source: INIFile) -> Configuration {
        var configuration = Configuration()
        var seen: [(kind: SectionKind, name: String, line: Int)] = []
        for section in source.sections {
            guard let kind = kind(of: section) else { continue }
            if let first = seen.first(where: { $0 == (kind, section.name, $0.line) }) {
                fault(section.position, "this section is there already, in line \(first.line)")
                continue
            }
            seen.append((kind, section.name, section.position.line))
            let values = values(of: section, kind)
            switch kind {
            case .agent: decodeAgent(values, &configuration)
            case .host: decodeHost(values, &configuration)
            case .service: decodeService(values, &configuration)
            }
        }
        if !seen.contains(where: { $0.kind == .agent }) {
            fault(
                Position(line: 1, column: 1), "the section [agent] is missing; it names the masters"
            )
        }
        return configuration
    }

    mutating func fault(_ position: Position, _ message: String) {
        problems.append(Problem(position: position, message: message))
    }

    private mutating func kind(of section: INIFile.Section) -> SectionKind? {
        guard let kind = SectionKind(rawValue: section.kind) else {
            let known = SectionKind.allCases.map(\.rawValue)
            let meant = suggestion(for: section.kind, among: known)
            fault(
                section.position,
                "unknown section [\(section.kind)]; "
                    + (meant.map { "did you mean [\($0)]?" }
                        ?? "there are [agent], [host] and [service NAME]"))
            return nil
        }
        if kind == .service, section.name.isEmpty {
            fault(section.namePosition, "a service needs its name: [service NAME]")
            return nil
        }
        if kind != .service, !section.name.isEmpty {
            fault(section.namePosition, "[\(kind.rawValue)] takes no name")
        }
        if kind == .service, !section.name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            fault(
                section.namePosition,
                "the name of a service is one word of plain letters, digits and signs")
            return nil
        }
        return kind
    }

    private mutating func values(of section: INIFile.Section, _ kind: SectionKind) -> Values {
        let settings = Setting.all.filter { $0.section == kind }
        var values = Values(section: section)
        var lines: [String: [Int]] = [:]
        for entry in section.entries {
            guard let setting = settings.first(where: { $0.key == entry.key }) else {
                let meant = suggestion(for: entry.key, among: settings.map(\.key))
                fault(
                    entry.keyPosition,
                    "unknown key \"\(entry.key)\" in \(kind.heading)"
                        + (meant.map { "; did you mean \"\($0)\"?" } ?? ""))
                continue
            }
            lines[entry.key, default: []].append(entry.keyPosition.line)
            guard let count = lines[entry.key]?.count, count <= setting.repeats else {
                fault(
                    entry.keyPosition,
                    setting.repeats == 1
                        ? "\"\(entry.key)\" is there already, in line \(lines[entry.key]?.first ?? 0)"
                        : "more than \(setting.repeats) lines of \"\(entry.key)\"")
                continue
            }
            do throws(ValueFault) {
                values.read.append((setting, try setting.shape.read(entry.value), entry))
            } catch {
                let start = entry.valuePosition
                fault(
                    Position(line: start.line, column: start.column + error.offset),
                    "\(entry.key): \(error.message)")
                values.faulty.append(setting)
            }
        }
        // The standard is written as in the file, and read the same way.
        for setting in settings where !values.has(setting) {
            if let standard = setting.standard, let value = try? setting.shape.read(standard) {
                values.read.append((setting, value, INIFile.Entry.standard(setting, section)))
            }
        }
        return values
    }

    private mutating func decodeAgent(_ values: Values, _ configuration: inout Configuration) {
        for (setting, value, entry) in values.read where setting == .key {
            guard case .text(let path) = value else { continue }
            if configuration.keyPaths.contains(path) {
                fault(entry.valuePosition, "the key \(path) is there already")
            }
            configuration.keyPaths.append(path)
        }
        if case .text(let path) = values.value(.runFolder) { configuration.runFolder = path }
        if case .address(let address) = values.value(.agentCheck) {
            configuration.agentCheck = address
        }
        if case .milliseconds(let count) = values.value(.interval) {
            configuration.intervalMilliseconds = count
        }
        if case .milliseconds(let count) = values.value(.pageInterval) {
            configuration.pageIntervalMilliseconds = count
        }
        if case .text("stopping") = values.value(.goodbye) {
            configuration.goodbyeReason = .serviceStopping
        }
        for (setting, value, entry) in values.read where setting == .master {
            guard case .master(let master) = value else { continue }
            guard !configuration.masters.contains(where: { $0.address == master.address }) else {
                fault(entry.valuePosition, "the master at \(master.address) is there already")
                continue
            }
            configuration.masters.append(master)
        }
        if !values.has(.master) {
            fault(
                values.section.position,
                "[agent] names no master; add a line: master = \(Shape.master.form)")
        }
    }

    private mutating func decodeHost(_ values: Values, _ configuration: inout Configuration) {
        let names: [Setting] = [.cpuBusy, .runnable, .cores]
        if case .text("cgroup") = values.value(.source) {
            if case .text(let path) = values.value(.controlGroup) {
                configuration.host.controlGroup = path
            } else if !values.has(.controlGroup) {
                fault(
                    values.entry(.source)?.keyPosition ?? values.section.position,
                    "source = cgroup needs \"cgroup\" too: the folder of the group")
            }
        } else if let entry = values.entry(.controlGroup) {
            fault(entry.keyPosition, "\"cgroup\" has no use without source = cgroup")
        }
        guard case .text("prometheus") = values.value(.source) else {
            for setting in names + [.hostPrometheus, .memoryAvailable] {
                guard let entry = values.entry(setting) else { continue }
                fault(
                    entry.keyPosition, "\"\(setting.key)\" has no use without source = prometheus")
            }
            return
        }
        for setting in [.hostPrometheus] + names where !values.has(setting) {
            fault(
                values.entry(.source)?.keyPosition ?? values.section.position,
                "source = prometheus needs \"\(setting.key)\" too")
        }
        guard case .url(let url) = values.value(.hostPrometheus),
            let cpuBusy = metric(values, .cpuBusy), let runnable = metric(values, .runnable),
            let cores = metric(values, .cores)
        else { return }
        configuration.host.standIn = .init(
            url: url, cpuBusy: cpuBusy, runnable: runnable, cores: cores,
            memoryAvailable: metric(values, .memoryAvailable))
    }

    func metric(_ values: Values, _ setting: Setting) -> MetricSelector? {
        guard case .metric(let selector) = values.value(setting) else { return nil }
        return selector
    }
}

extension INIFile.Entry {
    /// A key that the file leaves out; faults that concern it point at its section.
    fileprivate static func standard(_ setting: Setting, _ section: INIFile.Section) -> Self {
        Self(
            key: setting.key, value: setting.standard ?? "", keyPosition: section.position,
            valuePosition: section.position)
    }
}
