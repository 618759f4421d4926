// How a check over TLS is declared, and whether its files can be used.

internal import Checks
internal import IPVS
internal import Settings
internal import Weighting

enum CheckTLS {
    /// Nothing after a report.
    static func settings(in section: inout Section, host: String?) -> TLSSettings? {
        // Relative paths begin at the folder of the file they stand in.
        let folder = Files.folder(of: section.place.source.path)
        let verify = section.value(CheckKeys.verify)
        let authorities = section.found(CheckKeys.authorities)
        let name = section.value(CheckKeys.serverName)
        let certificate = section.found(CheckKeys.certificate)
        let key = section.found(CheckKeys.certificateKey)
        guard let verify else { return nil }
        guard (certificate == nil) == (key == nil) else {
            section.reporter.error(
                certificate?.place ?? key?.place ?? section.place,
                "a certificate and its key go together",
                remedy: "write both certificate: and certificate_key:, or none")
            return nil
        }
        let settings = TLSSettings(
            isVerified: verify, authorities: authorities.map { Files.join(folder, $0.value) },
            serverName: name ?? host.flatMap(Self.name),
            certificate: certificate.map { Files.join(folder, $0.value) },
            key: key.map { Files.join(folder, $0.value) })
        guard let fault = settings.fault() else { return settings }
        let place =
            switch fault.part {
            case .authorities: authorities?.place
            case .certificate: certificate?.place
            case .key: key?.place
            case .library: Place?.none
            }
        section.reporter.error(
            place ?? section.place, fault.message,
            remedy: "it has to be a file in PEM form that the master may read")
        return nil
    }

    /// The name in a Host header; nothing where it is an address.
    private static func name(_ host: String) -> String? {
        let name = String(host.prefix { $0 != ":" })
        return Address(name) == nil && !host.hasPrefix("[") ? name : nil
    }
}
