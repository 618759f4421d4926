// The same for what checks find and people order.

import Protocol

@testable import Weighting

extension Peril {
    private func checked(_ count: Int) -> Bench {
        Bench.checked(count, without: isMissing ? safeguard : nil)
    }

    private func isRefused(_ bench: inout Bench, ticks: Int = 1) -> Bool {
        harms(&bench, bench.weights.map { _ in Self.busy }, ticks: ticks)
    }

    func isHarmByWord() -> Bool {
        switch safeguard {
        case .checkRate:
            var bench = checked(40)
            for index in 0..<7 { bench.fail(index) }
            return isRefused(&bench, ticks: 4) || bench.weights.count { $0 == 0 } > 4
        case .checkShare:
            var bench = checked(6)
            for index in 0..<3 {
                bench.fail(index)
                if isRefused(&bench, ticks: 62) { return true }
            }
            return bench.weights.count { $0 == 0 } > 2
        case .checkDoubt:
            var bench = checked(8)
            bench.fail(0, 1)
            return isRefused(&bench, ticks: 4) || bench.weights.contains(0)
        case .checkPanic:
            var bench = checked(4)
            bench.fail(0)
            _ = isRefused(&bench)
            bench.fail(1, 2, 3)
            return isRefused(&bench, ticks: 4) || bench.weights.contains(0)
        case .lastOneForChecks:
            var bench = checked(2)
            bench.setByHand(1, 0)
            _ = isRefused(&bench, ticks: 2)
            bench.fail(0)
            return isRefused(&bench, ticks: 4)
        case .flapPenalty:
            var bench = checked(4)
            var returns = 0
            for _ in 0..<20 {
                bench.fail(0)
                _ = isRefused(&bench)
                bench.pass(check: 0)
                let before = bench.weights[0]
                _ = isRefused(&bench)
                if before == 0, bench.weights[0] > 0 { returns += 1 }
            }
            return returns > 4
        case .lastOneForOrders:
            var bench = bench([1, 0])
            bench.order(Bench.order(1, 0))
            return isRefused(&bench, ticks: 4)
        default:
            var bench = checked(4)
            bench.order(Bench.order(1, 0))
            _ = isRefused(&bench, ticks: 2)
            var writes = 0
            for _ in 0..<20 {
                bench.setByHand(0, 900)
                _ = isRefused(&bench)
                if bench.weights[0] == 0 { writes += 1 }
            }
            return writes > 1
        }
    }
}
