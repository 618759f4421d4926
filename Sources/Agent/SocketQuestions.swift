// The one netlink connection that all watched ports share.

internal import Daemon

/// Opens the connection when it is first needed, and anew after it failed.
final class SocketQuestions {
    private var connection: Connection?

    /// A box, so that the connection can be dropped and made anew.
    private final class Connection {
        let sockets: SockDiag
        init() throws(SystemError) { sockets = try SockDiag() }
    }

    /// A look at the port; `nil` without one.
    func sample(_ listen: inout ListenSource?) throws(SystemError) -> ListenSource.Sample? {
        do throws(SystemError) {
            if connection == nil { connection = try Connection() }
            guard let connection else { return nil }
            return try listen?.sample(connection.sockets)
        } catch {
            // What was left unread of a broken answer must not become the next one.
            connection = nil
            throw error
        }
    }
}
