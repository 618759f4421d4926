// "Did you mean": the known word that is nearest to a mistyped one.

internal import Weighting

package enum Suggestion {
    /// `did you mean "wlc"? known: rr wrr lc wlc`, without the question when nothing is near.
    package static func remedy(for word: String, known: [String]) -> String {
        let list = "known: \(known.joined(separator: " "))"
        return nearest(to: word, in: known).map { "did you mean \"\($0)\"? \(list)" } ?? list
    }

    /// The first of the nearest words, if one is near enough to be meant.
    package static func nearest(to word: String, in known: [String]) -> String? {
        NearName.all(to: word, in: known).first
    }
}
