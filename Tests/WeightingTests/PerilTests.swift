// Each rule is needed: the same story ends well with it, and in harm without.

import Testing

@testable import Weighting

@Test(arguments: Safeguard.allCases)
func `with this rule no harm is done, and without it there is`(safeguard: Safeguard) {
    #expect(!Peril(safeguard: safeguard, isMissing: false).isHarm())
    #expect(Peril(safeguard: safeguard, isMissing: true).isHarm())
}
