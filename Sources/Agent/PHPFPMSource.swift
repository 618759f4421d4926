// What php-fpm tells of a pool on its status page, asked over FastCGI.

/// Asks for the status in its plain form and reads it.
enum PHPFPMSource {
    /// The request for the page that the pool calls pm.status_path.
    static func request(path: String) -> [UInt8] {
        FastCGIRequest.bytes([
            ("SCRIPT_NAME", path), ("SCRIPT_FILENAME", path), ("REQUEST_METHOD", "GET"),
            ("QUERY_STRING", ""), ("SERVER_PROTOCOL", "HTTP/1.0"),
        ])
    }

    /// The figures by ``Field``; `nil` when this is not the page.
    ///
    /// A line of the page is as in "accepted conn:        12073". Processes that idle are the rest
    /// of all that run now, so the load is full when the pool is as large as it may be.
    static func values(response bytes: UnsafeRawBufferPointer) -> [Double?]? {
        func number(_ name: StaticString) -> Double? {
            ProcText.number(after: name, in: bytes).map { Double($0) }
        }
        // With the newline, for "max listen queue:" is another line.
        guard let accepted = number("\naccepted conn:"), let queue = number("\nlisten queue:"),
            let active = number("\nactive processes:"), let total = number("\ntotal processes:")
        else { return nil }
        var values = [Double?](repeating: nil, count: Field.allCases.count)
        values[Field.requests.rawValue] = accepted
        values[Field.queue.rawValue] = queue
        values[Field.inFlight.rawValue] = active
        values[Field.load.rawValue] = total > 0 ? active / total : nil
        return values
    }
}
