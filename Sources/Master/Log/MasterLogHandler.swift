// The master's log: fields in the journal where there is one, else one plain line on standard error.

package import Logging

/// A swift-log handler; make one by ``bootstrap``.
package struct MasterLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel = Logger.Level.info

    private let sink: LogSink

    init(sink: LogSink) { self.sink = sink }

    /// Makes this the handler of every logger; to be called once, before the first of them.
    package static func bootstrap() {
        let sink = LogSink.ofThisProcess()
        LoggingSystem.bootstrap { _ in MasterLogHandler(sink: sink) }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error { fields["error"] = "\(error)" }
        sink.write(event.level, event.message.description, fields)
    }
}
