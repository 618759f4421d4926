// Cells in columns that line up.

/// A table of text; its columns are as wide as their widest cell.
struct Grid {
    enum Alignment { case left, right }

    let alignments: [Alignment]
    /// Before every row.
    let indent: String
    var rows: [[String]] = []

    /// One line for each row, the last cell of each without padding.
    func lines() -> [String] {
        let widths = alignments.indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.indices.map { column in
                let cell = row[column]
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                switch alignments[column] {
                case .left where column == row.count - 1: return cell
                case .left: return cell + padding
                case .right: return padding + cell
                }
            }
            return indent + cells.joined(separator: "  ")
        }
    }
}
