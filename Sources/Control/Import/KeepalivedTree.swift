// From the lines of a keepalived configuration to its blocks.

/// A keyword with its words, and the block behind it if there is one.
struct KeepalivedNode {
    let origin: Origin
    let keyword: String
    let arguments: [String]
    var children: [KeepalivedNode] = []

    /// As the file has it, on one line.
    var text: String { ([keyword] + arguments).joined(separator: " ") }
}

struct KeepalivedTree {
    private(set) var nodes: [KeepalivedNode] = []
    private(set) var remarks: [Remark] = []

    static let deepest = 16

    init(_ lines: [KeepalivedLine]) {
        // Blocks that are open, the innermost last; the first is the file.
        var open: [[KeepalivedNode]] = [[]]
        var words: [String] = []
        func take(_ origin: Origin) {
            guard let keyword = words.first, let last = open.indices.last else { return }
            open[last].append(
                KeepalivedNode(
                    origin: origin, keyword: keyword, arguments: Array(words.dropFirst())))
            words = []
        }
        for line in lines {
            for word in line.words {
                if word.opens {
                    take(line.origin)
                    if open.last?.isEmpty == true {
                        remarks.append(
                            Remark(origin: line.origin, text: "a { without a keyword", isLoss: true)
                        )
                    }
                    guard open.count < Self.deepest else {
                        remarks.append(
                            Remark(
                                origin: line.origin,
                                text: "blocks nest too deeply; the rest is "
                                    + "not read", isLoss: true))
                        nodes = Self.closed(open)
                        return
                    }
                    open.append([])
                } else if word.closes {
                    take(line.origin)
                    guard open.count > 1, let block = open.popLast() else {
                        remarks.append(
                            Remark(origin: line.origin, text: "a } that closes nothing"))
                        continue
                    }
                    Self.attach(block, to: &open)
                } else {
                    words.append(word.text)
                }
            }
            take(line.origin)
        }
        if open.count > 1 {
            remarks.append(
                Remark(
                    origin: lines.last?.origin, text: "\(open.count - 1) { are not closed here",
                    isLoss: true))
        }
        nodes = Self.closed(open)
    }

    private static func attach(_ block: [KeepalivedNode], to open: inout [[KeepalivedNode]]) {
        guard let last = open.indices.last, let owner = open[last].indices.last else { return }
        open[last][owner].children += block
    }

    private static func closed(_ open: [[KeepalivedNode]]) -> [KeepalivedNode] {
        var open = open
        while open.count > 1, let block = open.popLast() { attach(block, to: &open) }
        return open.first ?? []
    }
}
