// From a section [service NAME] to its sources, each figure told by one of them.

internal import Daemon
internal import Protocol

extension ConfigurationDecoder {
    mutating func decodeService(_ values: Values, _ configuration: inout Configuration) {
        let section = values.section
        var service = Configuration.Service(
            name: section.name, id: ServiceID(name: section.name))
        if section.name == Maintenance.wholeServer {
            fault(
                section.namePosition,
                """
                a maintenance file called "\(section.name)" drains the whole server, so no service \
                can have this name; rename it here and in the master's files
                """)
        }
        if let other = configuration.services.first(where: { $0.id == service.id }) {
            fault(
                section.namePosition,
                """
                the names "\(section.name)" and "\(other.name)" have the same number in reports; \
                rename one of them here and in the master's files
                """)
        }
        guard configuration.services.count < Report.serviceLimit else {
            fault(section.position, "more than \(Report.serviceLimit) services")
            return
        }
        if case .port(let port) = values.value(.port) { service.port = port }
        if case .address(let address) = values.value(.address) { service.address = address }
        service.sources = sources(values)
        checkMetrics(values)
        checkUses(values)
        if !values.has(.port), !SourceKind.allCases.contains(where: { values.has($0.setting) }) {
            fault(section.position, "nothing to observe; add port, prometheus or another source")
        }
        configuration.services.append(service)
    }

    /// The sources that are named; a figure that two of them tell is a fault.
    private mutating func sources(_ values: Values) -> [Configuration.Source] {
        var sources: [Configuration.Source] = []
        var owners: [(field: Field, kind: SourceKind, entry: INIFile.Entry)] = []
        for kind in SourceKind.allCases where values.has(kind.setting) {
            var own: [Field] = []
            for (field, entry) in told(by: kind, values) {
                if let owner = owners.first(where: { $0.field == field }) {
                    tellConflict(field, kind, entry, owner.kind, owner.entry)
                    continue
                }
                owners.append((field, kind, entry))
                own.append(field)
            }
            if let origin = origin(kind, own, values) {
                sources.append(Configuration.Source(kind: kind, fields: own, origin: origin))
            }
        }
        if let errors = owners.first(where: { $0.field == .errors }),
            !owners.contains(where: { $0.field == .requests }), !values.has(.requests)
        {
            fault(errors.entry.keyPosition, "\"errors\" needs \"requests\", whose part they are")
        }
        return sources
    }

    /// What a source tells, and the line that says so.
    private func told(
        by kind: SourceKind, _ values: Values
    ) -> [(field: Field, entry: INIFile.Entry)] {
        guard let entry = values.entry(kind.setting) else { return [] }
        guard let choice = kind.choice else {
            return Self.metrics.compactMap { field, setting in
                values.entry(setting).map { (field, $0) }
            }
        }
        // A faulty choice is told already; what it meant is not known.
        guard values.has(choice) else { return kind.fields.map { ($0, entry) } }
        guard case .fields(let fields) = values.value(choice), let line = values.entry(choice)
        else {
            return []
        }
        return fields.map { ($0, line) }
    }

    private mutating func tellConflict(
        _ field: Field, _ kind: SourceKind, _ entry: INIFile.Entry, _ other: SourceKind,
        _ first: INIFile.Entry
    ) {
        let choices = [other, kind].compactMap { $0.choice.map { "\"\($0.key)\"" } }
        fault(
            entry.keyPosition,
            """
            "\(field.word)" comes from \(kind.setting.key) here and from \(other.setting.key) in \
            line \(first.keyPosition.line) already; \
            say with \(choices.joined(separator: " or ")) which of them tells what
            """)
    }

    /// Where a source's figures come from; `nil` when the fault was told.
    private mutating func origin(
        _ kind: SourceKind, _ fields: [Field], _ values: Values
    ) -> Configuration.Origin? {
        switch (kind, values.value(kind.setting)) {
        case (.prometheus, .url(let url)?):
            let named = Self.metrics.filter { fields.contains($0.field) }
            return .metrics(url, named.compactMap { metric(values, $0.setting) })
        case (.nginx, .url(let url)?):
            return .page(.nginx(url), proxy: nil)
        case (.haproxy, .url(let url)?):
            return .page(.haproxyPage(url), proxy: text(values, .haproxyProxy))
        case (.haproxy, .place(.unix(let path))?):
            return .page(.haproxySocket(path: path), proxy: text(values, .haproxyProxy))
        case (.phpFPM, .place(let place)?):
            guard let path = text(values, .phpFPMPath) else { return nil }
            return .page(.phpFPM(place, path: path), proxy: nil)
        case (.file, .text(let path)?):
            guard let age = nanoseconds(values, .fileAge) else { return nil }
            return .file(.init(path: path, ageNanoseconds: age))
        case (.exec, .words(let arguments)?):
            return exec(arguments, values)
        case (.statsd, .place(.unix(let path))?):
            guard case .mode(let mode)? = values.value(.statsdMode),
                let age = nanoseconds(values, .statsdAge)
            else { return nil }
            return .statsd(.init(path: path, mode: mode, gaugeAgeNanoseconds: age))
        default:
            return nil
        }
    }

    private mutating func exec(_ arguments: [String], _ values: Values) -> Configuration.Origin? {
        guard let interval = nanoseconds(values, .execInterval),
            let limit = nanoseconds(values, .execLimit)
        else { return nil }
        guard limit < interval else {
            let entry = values.given(.execLimit) ?? values.given(.execInterval)
            fault(
                entry?.valuePosition ?? values.section.position,
                "\"exec-limit\" has to be shorter than \"exec-interval\"")
            return nil
        }
        return .exec(
            .init(
                arguments: arguments, user: text(values, .execUser), intervalNanoseconds: interval,
                limitNanoseconds: limit))
    }

    private func text(_ values: Values, _ setting: Setting) -> String? {
        guard case .text(let text)? = values.value(setting) else { return nil }
        return text
    }

    private func nanoseconds(_ values: Values, _ setting: Setting) -> Int64? {
        guard case .milliseconds(let count)? = values.value(setting) else { return nil }
        return Int64(count) * 1_000_000
    }

    private static let metrics: [(field: Field, setting: Setting)] = [
        (.requests, .requests), (.errors, .errors), (.inFlight, .inFlight), (.load, .load),
    ]

    private mutating func checkMetrics(_ values: Values) {
        if !values.has(.prometheus) {
            for (_, setting) in Self.metrics {
                guard let entry = values.entry(setting) else { continue }
                fault(
                    entry.keyPosition,
                    "\"\(setting.key)\" names a metric, but prometheus = is missing")
            }
        } else if !Self.metrics.contains(where: { values.has($0.setting) }) {
            fault(
                values.entry(.prometheus)?.keyPosition ?? values.section.position,
                "no metric of this page is used; name one with requests, errors, in-flight or load")
        }
    }

    /// Keys that say more about another key, which is not there.
    private mutating func checkUses(_ values: Values) {
        let uses: [(Setting, of: Setting)] = [
            (.address, .port), (.nginxFields, .nginx), (.haproxyProxy, .haproxy),
            (.haproxyFields, .haproxy), (.phpFPMPath, .phpFPM), (.phpFPMFields, .phpFPM),
            (.fileAge, .file), (.fileFields, .file), (.execUser, .exec), (.execInterval, .exec),
            (.execLimit, .exec), (.execFields, .exec), (.statsdMode, .statsd),
            (.statsdAge, .statsd), (.statsdFields, .statsd),
        ]
        for (setting, owner) in uses where !values.has(owner) {
            guard let entry = values.given(setting) else { continue }
            fault(entry.keyPosition, "\"\(setting.key)\" has no use without \"\(owner.key)\"")
        }
    }
}
