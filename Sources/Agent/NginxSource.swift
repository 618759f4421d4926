// What nginx tells of itself on its page stub_status.

/// Reads the four lines of ngx_http_stub_status_module.
enum NginxSource {
    /// The figures by ``Field``; `nil` when this is not the page.
    ///
    ///     Active connections: 291
    ///     server accepts handled requests
    ///      16630948 16630948 31070465
    ///     Reading: 6 Writing: 179 Waiting: 106
    ///
    /// A connection that waits carries no request. One of the others is the agent's own.
    static func values(stubStatus bytes: UnsafeRawBufferPointer) -> [Double?]? {
        var text = ProcText(bytes)
        guard text.skip(past: "Active connections:"), let active = text.number(),
            text.skip(past: "server accepts handled requests\n"),
            text.number() != nil, text.number() != nil, let requests = text.number(),
            text.skip(past: "Waiting:"), let waiting = text.number()
        else { return nil }
        let busy = active > waiting ? active - waiting - 1 : 0
        var values = [Double?](repeating: nil, count: Field.allCases.count)
        values[Field.requests.rawValue] = Double(requests)
        values[Field.inFlight.rawValue] = Double(busy)
        return values
    }
}
