// What the admin API knows of a request beside its words: the connection that it came by.

internal import Hummingbird
internal import NIOCore

struct AdminContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The unix socket; its other end is somebody whom the kernel knows.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
