// Addresses as people write them.

import Glibc
package import Weighting

extension Address {
    /// Dotted decimal, or any form of RFC 4291; no zone, no prefix length, no name.
    package init?(_ text: String) {
        // A C string would end at a NUL, and what follows it would pass unread.
        guard !text.utf8.contains(0) else { return nil }
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self = .v4(UInt32(bigEndian: v4.s_addr))
        } else if inet_pton(AF_INET6, text, &v6) == 1,
            let address = withUnsafeBytes(of: v6, { Address(union: Array($0)[...], .v6) })
        {
            self = address
        } else {
            return nil
        }
    }
}
