// The report decoder: any bytes as the body of a report.

/// A body that is read can be written, and what was written reads as the same again.
func fuzzReport(_ input: RawSpan) {
    var remarks: Remarks = []
    guard let report = try? Report(body: input, remarks: &remarks) else { return }
    precondition(report.services.count <= Report.serviceLimit)
    precondition(report.requests.count <= Report.serviceLimit)

    let written = report.encoded()
    var second: Remarks = []
    guard let again = try? Report(body: written.span.bytes, remarks: &second) else {
        preconditionFailure("our own writing is refused")
    }
    // Numbers that the format writes smaller than they were read become equal on the first writing.
    precondition(again.encoded() == written)
    precondition(second.isSubset(of: .staleSample), "our own writing is odd")
}
