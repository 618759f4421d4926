// Plans against a played kernel and the table in memory.

import CNetlink
import Glibc
import Testing
import Weighting

@testable import IPVS

private let service = ServiceKey.address(.v4(0x0A00_0064), port: 80, .tcp)

private func destination(_ number: Int) -> DestinationKey {
    DestinationKey(address: .v4(0x0A01_0000 + UInt32(number)), port: 80)
}

/// Destination N has weight N.
private func kernel(destinations count: Int) -> PlayedKernel {
    let kernel = PlayedKernel()
    let destinations = (0..<count).map {
        PlayedKernel.Destination(destination($0), weight: UInt32($0))
    }
    kernel.services = [PlayedKernel.Service(key: service, destinations: destinations)]
    return kernel
}

private func step(_ number: Int, from: Int, to: Int, in service: ServiceKey = service) -> Plan.Step
{
    .setWeight(
        service: service, destination: destination(number), from: from, to: Weight(clamping: to))
}

@Test func `a weight is written and everything else of the destination stays`() {
    let kernel = kernel(destinations: 2)
    let settings = [
        Int(IPVS_DEST_ATTR_FWD_METHOD): 3, Int(IPVS_DEST_ATTR_WEIGHT): 1,
        Int(IPVS_DEST_ATTR_U_THRESH): 100, Int(IPVS_DEST_ATTR_L_THRESH): 50,
        Int(IPVS_DEST_ATTR_TUN_TYPE): 1, PlayedKernel.Destination.laterAttribute: 4,
    ].mapValues { UInt32($0).nativeBytes }
    kernel.services[0].destinations[1].settings = settings

    let outcomes = kernel.table().apply(Plan(steps: [step(1, from: 1, to: 65_535)]))
    #expect(outcomes.map(\.result) == [.done])
    var wanted = settings
    wanted[Int(IPVS_DEST_ATTR_WEIGHT)] = UInt32(65_535).nativeBytes
    #expect(kernel.services[0].destinations[1].settings == wanted)
    #expect(kernel.services[0].destinations[0].weight == 0)
}

@Test func `what is there, changed or gone is said, and nothing is written`() {
    let kernel = kernel(destinations: 8)
    let other = ServiceKey.firewallMark(1, .v4)
    let steps = [
        step(7, from: 1, to: 7), step(7, from: 6, to: 9), step(9, from: 9, to: 1),
        step(7, from: 7, to: 1, in: other),
    ]
    let outcomes = kernel.table().apply(Plan(steps: steps))
    #expect(outcomes.map(\.step) == steps)
    #expect(
        outcomes.map(\.result)
            == [.alreadyThere, .changedMeanwhile(found: 7), .destinationGone, .serviceGone])
    #expect(kernel.batches == [])
}

@Test func `an empty plan asks the kernel nothing`() {
    let kernel = kernel(destinations: 1)
    #expect(kernel.table().apply(Plan()) == [])
    #expect(kernel.openings == 0)
}

@Test(arguments: [(1, [1]), (32, [32]), (33, [32, 1]), (70, [32, 32, 6])])
func `weights go out 32 in a datagram`(count: Int, batches: [Int]) {
    let kernel = kernel(destinations: count)
    let plan = Plan(steps: (0..<count).map { step($0, from: $0, to: $0 + 1_000) })
    let outcomes = kernel.table().apply(plan)
    #expect(outcomes.allSatisfy { $0.result == .done })
    #expect(outcomes.map(\.step) == plan.steps)
    #expect(kernel.batches == batches)
    #expect(
        kernel.services[0].destinations.map(\.weight) == (0..<count).map { UInt32($0 + 1_000) })
}

@Test func `an acknowledgement belongs to its sequence number, in whatever order it comes`() {
    let kernel = kernel(destinations: 4)
    kernel.acknowledgesBackwards = true
    kernel.refusedWeights = [101: ERANGE]
    let outcomes = kernel.table().apply(
        Plan(steps: (0..<4).map { step($0, from: $0, to: 100 + $0) }))
    let refused = IPVSError.refused(
        to: "set the weight of 10.1.0.1:80 in 10.0.0.100:80/tcp to 101", errno: ERANGE)
    #expect(outcomes.map(\.result) == [.done, .refused(refused), .done, .done])
    #expect(kernel.services[0].destinations.map(\.weight) == [100, 1, 102, 103])
}

@Test func `a service or destination that goes while it is written is gone`() {
    let kernel = kernel(destinations: 2)
    kernel.refusedWeights = [100: ESRCH, 101: ENOENT]
    let outcomes = kernel.table().apply(
        Plan(steps: [step(0, from: 0, to: 100), step(1, from: 1, to: 101)]))
    #expect(outcomes.map(\.result) == [.serviceGone, .destinationGone])
}

@Test func `without permission every step says so`() {
    let kernel = kernel(destinations: 2)
    kernel.refusal = EPERM
    let outcomes = kernel.table().apply(
        Plan(steps: [step(0, from: 0, to: 1), step(1, from: 1, to: 2)]))
    #expect(outcomes.map(\.result) == [.refused(.notPermitted), .refused(.notPermitted)])
}

@Test func `a write may lose the permission that the read had`() {
    let kernel = kernel(destinations: 1)
    kernel.refusedWeights = [5: EPERM]
    let outcomes = kernel.table().apply(Plan(steps: [step(0, from: 0, to: 5)]))
    #expect(outcomes.map(\.result) == [.refused(.notPermitted)])
}

@Test func `row 13 of the failures: when acknowledgements are lost, what is known is said`() {
    let kernel = kernel(destinations: 34)
    // GET_SERVICE and its end, 17 parts of the dump and its end, GET_SERVICE and its end; then two
    // acknowledgements come, and the third is dropped with all behind it.
    kernel.faults = Array(repeating: nil, count: 2 + 18 + 2 + 2) + [.overrun]
    let table = kernel.table()
    let outcomes = table.apply(Plan(steps: (0..<34).map { step($0, from: $0, to: 500 + $0) }))

    for (number, outcome) in outcomes.enumerated() {
        switch number {
        case 0, 1, 32, 33: #expect(outcome.result == .done)
        default:
            let action = "set the weight of \(destination(number)) in \(service) to \(500 + number)"
            #expect(outcome.result == .refused(.inconsistent(to: action, .overrun)))
        }
    }
    #expect(kernel.openings == 2)
}

@Test func `a service that the kernel is silent about ends the whole plan at once`() {
    let kernel = kernel(destinations: 2)
    let others = [ServiceKey.firewallMark(1, .v4), .firewallMark(2, .v4)]
    kernel.services += others.map { PlayedKernel.Service(key: $0) }
    // The first service is told by GET_SERVICE, one part of a dump and GET_SERVICE, each with its
    // end; then nothing comes.
    kernel.faults = Array(repeating: nil, count: 6) + [.silent]
    let steps = [service, others[0], others[1]].map { step(1, from: 1, to: 5, in: $0) }
    let outcomes = kernel.table().apply(Plan(steps: steps))

    let silence = IPVSError.inconsistent(to: "read fwmark:1", .silence)
    #expect(outcomes.map(\.step) == steps)
    #expect(outcomes.map(\.result) == Array(repeating: .refused(silence), count: 3))
    #expect(kernel.requests == 3 + 1)
    #expect(kernel.batches == [])
}

@Test func `after a batch without an answer no other is sent`() {
    let kernel = kernel(destinations: 100)
    // Reading takes 2 + 51 + 2 datagrams, the first batch 32, and the second has one answer.
    kernel.faults = Array(repeating: nil, count: 55 + 32 + 1) + [.silent]
    let plan = Plan(steps: (0..<100).map { step($0, from: $0, to: 500 + $0) })
    let outcomes = kernel.table().apply(plan)

    let first = IPVSError.inconsistent(to: plan.steps[33].action, .silence)
    for (number, outcome) in outcomes.enumerated() {
        switch number {
        case ..<33: #expect(outcome.result == .done)
        case 33..<64:
            let silence = IPVSError.inconsistent(to: outcome.step.action, .silence)
            #expect(outcome.result == .refused(silence))
        default: #expect(outcome.result == .refused(first))
        }
    }
    #expect(kernel.batches == [32, 32])
    #expect(kernel.openings == 1)
}

@Test func `a module that is not there is looked for once in a plan`() {
    let kernel = kernel(destinations: 2)
    kernel.isLoaded = false
    let keys = [service, .firewallMark(1, .v4), .firewallMark(2, .v4)]
    let plan = Plan(steps: keys.map { step(1, from: 1, to: 5, in: $0) })
    let outcomes = kernel.table().apply(plan)
    #expect(outcomes.map(\.result) == Array(repeating: .refused(.moduleNotLoaded), count: 3))
    #expect(kernel.openings == 1)
}

@Test func `a module that goes between two batches is looked for once`() {
    let kernel = kernel(destinations: 70)
    kernel.beforePart = { _ in kernel.isLoaded = false }
    // Reading takes 2 + 36 + 2 datagrams; the loss of an acknowledgement drops the socket.
    kernel.faults = Array(repeating: nil, count: 40) + [.overrun]
    let plan = Plan(steps: (0..<70).map { step($0, from: $0, to: 500 + $0) })
    let outcomes = kernel.table().apply(plan)
    #expect(
        outcomes.dropFirst(32).map(\.result)
            == Array(repeating: .refused(.moduleNotLoaded), count: 38))
    #expect(kernel.openings == 2)
}

@Test func `a second step for one destination is held against the first`() {
    let kernel = kernel(destinations: 2)
    let outcomes = kernel.table().apply(
        Plan(steps: [
            step(1, from: 1, to: 5), step(1, from: 1, to: 6), step(1, from: 5, to: 7),
        ]))
    #expect(outcomes.map(\.result) == [.done, .changedMeanwhile(found: 5), .done])
    #expect(kernel.services[0].destinations[1].weight == 7)
}

@Test func `the table in memory gives the outcomes that the kernel's gives`() throws {
    var dice = Dice(seed: 2)
    for _ in 0..<200 {
        let kernel = kernel(destinations: 5)
        let real = kernel.table()
        let keys = [ServiceKey.firewallMark(1, .v4), service]
        var memory = MemoryTable(try real.read(keys))
        let plan = Plan(
            steps: (0..<20).map { _ in
                step(
                    Int.random(in: 0...5, using: &dice), from: Int.random(in: 0...5, using: &dice),
                    to: Int.random(in: 0...5, using: &dice),
                    in: Int.random(in: 0...9, using: &dice) == 0 ? .firewallMark(1, .v4) : service)
            })
        #expect(memory.apply(plan) == real.apply(plan))
        #expect(try memory.read(keys) == real.read(keys))
    }
}
