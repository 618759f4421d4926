// Colours on a terminal, and text from elsewhere made safe for one.

/// Whether output may hold colours.
enum Style {
    case plain, colours

    enum Ink: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case yellow = "33"
    }

    func paint(_ text: String, _ ink: Ink) -> String {
        switch self {
        case .plain: text
        case .colours: "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m"
        }
    }
}

/// The text with a mark for each control character: names and states come from other hosts.
func printable(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
}
