// A report of more services than a datagram holds, as several reports.

extension Report {
    /// How many datagrams one report can become.
    static let mostParts = 8
    /// What one datagram holds of services, request counters and figures of the site's own, when it
    /// has all else: 1200 − 36 − 12 − 14 (host) − 14 (pressure) − 10 (info) − 8 (echo).
    private static let listByteCount = 1_106

    /// This report, or what it says in several, each of which is whole in all but the services.
    ///
    /// All parts have the same clock.
    var parts: [Report] {
        let lists = max(services.count, requests.count)
        let listBytes = 12 * services.count + 14 * requests.count + 10 * custom.count
        if lists <= Self.serviceLimit, listBytes <= Self.listByteCount { return [self] }

        var parts: [Report] = []
        var start = 0
        while start < lists, parts.count < Self.mostParts {
            var part = self
            part.services = Array(services.dropFirst(start).prefix(Self.serviceLimit))
            part.requests = Array(requests.dropFirst(start).prefix(Self.serviceLimit))
            part.custom = []
            parts.append(part)
            start += Self.serviceLimit
        }
        guard !custom.isEmpty, parts.count < Self.mostParts else { return parts }
        var last = self
        last.services = []
        last.requests = []
        parts.append(last)
        return parts
    }
}
