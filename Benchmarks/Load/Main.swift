// The loads that the benchmarks in this folder put on a master; script/bench runs them.

internal import Foundation

@main
enum Main {
    static func main() throws {
        let words = CommandLine.arguments.dropFirst()
        func number(_ place: Int) throws -> Int {
            guard words.count > place - 1, let number = Int(words[words.startIndex + place]) else {
                throw UsageError()
            }
            return number
        }
        func word(_ place: Int) throws -> String {
            guard words.count > place else { throw UsageError() }
            return words[words.startIndex + place]
        }
        do {
            switch words.first {
            case "receive":
                var bench = try ReceiveBench(agents: try number(1), rounds: try number(2))
                try bench.run()
            case "decide":
                try DecideBench.run(passes: try number(1))
            case "apply":
                try ApplyBench(services: try number(1)).run(rounds: try number(2))
            case "configure":
                try LargeConfiguration(
                    folder: try word(1), services: try number(2), members: try number(3),
                    table: try word(4)
                ).write()
            case "prepare":
                try Ground(folder: try word(1)).prepare(agents: try number(2), port: try number(3))
            case "fleet":
                let interval = words.count > 3 ? UInt16(try word(3)) : 500
                guard let interval, interval > 0 else { throw UsageError() }
                try Generator(
                    Ground(folder: try word(1)), port: try number(2),
                    intervalMilliseconds: interval
                ).run()
            case "garbage":
                try Garbage(port: try number(1), perSecond: try number(2), seconds: try number(3))
                    .run()
            case "answer":
                try Answerer(folder: try word(1), names: Array(words.dropFirst(2))).run()
            default:
                throw UsageError()
            }
        } catch let error as UsageError {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(2)
        }
    }
}

struct UsageError: Error, CustomStringConvertible {
    var description: String {
        """
        usage: receive AGENTS ROUNDS | decide PASSES | apply SERVICES ROUNDS \
        | configure FOLDER SERVICES MEMBERS TABLE | prepare FOLDER AGENTS PORT \
        | fleet FOLDER PORT [INTERVAL-MS] | garbage PORT PER-SECOND SECONDS | answer FOLDER NAME...
        """
    }
}

/// Prints an event with its figures as a line of JSON, at once.
func emit(_ fields: KeyValuePairs<String, Double>, event: String) {
    let figures = fields.map { ", \"\($0.key)\": \($0.value)" }.joined()
    FileHandle.standardOutput.write(Data("{\"event\": \"\(event)\"\(figures)}\n".utf8))
}
