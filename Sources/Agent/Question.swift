// What a status page is asked, and where.

internal import Daemon

/// Where a connection leads.
enum Place: Hashable {
    case tcp(SocketAddress)
    /// The path of a stream socket.
    case unix(String)

    var text: String {
        switch self {
        case .tcp(let address): address.description
        case .unix(let path): path
        }
    }
}

/// One question that is asked again and again; the same one is asked once for all services.
enum Question: Hashable {
    case metrics(PageURL)
    case nginx(PageURL)
    case haproxyPage(PageURL)
    case haproxySocket(path: String)
    case phpFPM(Place, path: String)

    /// How the bytes of an answer are wrapped.
    enum Framing { case http, fastCGI, untilEnd }

    var place: Place {
        switch self {
        case .metrics(let url), .nginx(let url), .haproxyPage(let url): .tcp(url.address)
        case .haproxySocket(let path): .unix(path)
        case .phpFPM(let place, _): place
        }
    }

    var framing: Framing {
        switch self {
        case .metrics, .nginx, .haproxyPage: .http
        case .haproxySocket: .untilEnd
        case .phpFPM: .fastCGI
        }
    }

    /// How messages call it.
    var text: String {
        switch self {
        case .metrics(let url), .nginx(let url), .haproxyPage(let url): url.text
        case .haproxySocket, .phpFPM: place.text
        }
    }

    /// The bytes to send.
    var request: [UInt8] {
        switch self {
        case .metrics(let url), .nginx(let url), .haproxyPage(let url): url.request
        case .haproxySocket: HAProxySource.request
        case .phpFPM(_, let path): PHPFPMSource.request(path: path)
        }
    }
}
