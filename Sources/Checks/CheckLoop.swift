// Makes all checks on one thread: whoever answers is heard, whoever is due is asked.

internal import CLinux
package import Daemon
package import Weighting

/// The checks of all members; belongs to the thread that makes it.
package final class CheckLoop {
    let poller: Poller
    private let clock: () -> Int64
    let buffer: UnsafeMutableRawBufferPointer
    /// Nothing where a check was removed.
    var slots: [CheckSlot?] = []
    /// Of each place, which of its entries in the queue counts.
    private var stamps: [UInt32] = []
    private var places: [Check: Int] = [:]
    private var free: [Int] = []
    private var members: [MemberState] = []
    private var queue = DueQueue()
    var contexts: [TLSSettings: TLSContext] = [:]
    var dice = SystemRandomNumberGenerator()
    var remains: [any Remains] = []
    var programs = 0
    /// Tells a run from the earlier ones in its place.
    private var serial: UInt32 = 0
    private var changes: [Checked] = []
    private var ready: [(UInt64, Readiness)] = []
    private var heard = 0
    /// When this loop meant to wake; later is its own fault.
    private var wakeAt: Int64?

    /// Runs begin and end on such a grid, so that many of them share one wake.
    private static let gridNanoseconds: Int64 = 10_000_000
    /// What a busy machine may keep this thread waiting; whoever is silent longer than that beyond
    /// its time was perhaps not silent at all.
    private static let mostLateNanoseconds: Int64 = 200_000_000
    /// Batches of answers in a row before time is looked at again.
    private static let mostBatches = 100
    private static let bufferBytes = 16_384

    package init(clock: @escaping () -> Int64 = MonotonicClock.now) throws(SystemError) {
        poller = try Poller()
        self.clock = clock
        buffer = .allocate(byteCount: Self.bufferBytes, alignment: 16)
        // A connection that the other side closed is an answer, not the end of this process.
        linux_ignore_broken_pipes()
    }

    deinit { buffer.deallocate() }

    /// Ends a wait when `number` is readable.
    package func watch(_ number: Int32) throws(SystemError) {
        try poller.add(number, for: .read, token: .max)
    }

    /// How all checks stand, for those who look.
    package var standings: [MemberKey: [CheckStanding]] {
        Dictionary(
            members.map { member in
                (member.member, member.slots.compactMap { slots[$0]?.standing })
            }, uniquingKeysWith: { first, _ in first })
    }

    /// How many different checks are made, however many members share them.
    package var count: Int { places.count }
}

// MARK: - Which checks there are

extension CheckLoop {
    /// Takes new members in place of the old ones: checks that stay go on as if nothing had been.
    package func adopt(_ wanted: [CheckedMember]) {
        let now = clock()
        let known = Dictionary(
            members.map { ($0.member, $0.isUp) }, uniquingKeysWith: { first, _ in first })
        for index in slots.indices { slots[index]?.members = [] }
        members = wanted.enumerated().map { index, wanted in
            let places = wanted.checks.map { place(of: $0, at: now) }
            for place in places { slots[place]?.members.append(index) }
            return MemberState(
                member: wanted.member, slots: places, isUp: known[wanted.member] ?? nil)
        }
        for index in slots.indices where slots[index]?.members.isEmpty == true { remove(index) }
        let used = Set(places.keys.compactMap(\.probe.tls))
        contexts = contexts.filter { used.contains($0.key) }
        for index in members.indices { update(index, at: now) }
    }

    private func place(of check: Check, at now: Int64) -> Int {
        if let place = places[check] { return place }
        let place = free.popLast() ?? slots.count
        let slot = CheckSlot(check, number: place, now: now)
        if place == slots.count {
            slots.append(slot)
            stamps.append(0)
        } else {
            slots[place] = slot
        }
        places[check] = place
        schedule(place, at: slot.rhythm.first)
        return place
    }

    private func remove(_ index: Int) {
        guard let slot = slots[index] else { return }
        stamps[index] &+= 1
        if let run = slot.run { put(away: run, watched: slot.watched) }
        places[slot.check] = nil
        slots[index] = nil
        free.append(index)
    }

    private func update(_ member: Int, at now: Int64) {
        let change = members[member].update(
            { slots[$0]?.standing ?? CheckStanding(name: "") }, at: now)
        if let change { changes.append(change) }
    }
}

// MARK: - Round after round

extension CheckLoop {
    /// Waits until something is to be done, and does it; what became known of members.
    package func turn() throws(SystemError) -> [Checked] {
        wakeAt = queue.first.map { Self.onGrid($0.at) }
        // A program that was killed is gone in a moment, and no descriptor tells.
        if !remains.isEmpty { wakeAt = min(wakeAt ?? .max, clock() + Self.gridNanoseconds) }
        var now = try hear(until: wakeAt)
        // Whoever answered in time is heard before anyone's time is up.
        for _ in 0..<Self.mostBatches where heard == Poller.batch { now = try hear(until: 0) }
        remains.removeAll { $0.isGone() }
        takeDue(at: now)
        defer { changes.removeAll(keepingCapacity: true) }
        return changes
    }

    /// Takes what a batch of descriptors has to say; the time then.
    private func hear(until deadline: Int64?) throws(SystemError) -> Int64 {
        ready.removeAll(keepingCapacity: true)
        try poller.wait(until: deadline) { token, readiness in ready.append((token, readiness)) }
        let now = clock()
        heard = ready.count
        for (token, readiness) in ready where token != .max { advance(token, readiness, at: now) }
        return now
    }

    private static func onGrid(_ at: Int64) -> Int64 {
        (at + gridNanoseconds - 1) / gridNanoseconds * gridNanoseconds
    }

    private func advance(_ token: UInt64, _ readiness: Readiness, at now: Int64) {
        let index = Int(token & 0xFFFF_FFFF)
        guard index < slots.count, let slot = slots[index], let run = slot.run,
            slot.serial == UInt32(token >> 32)
        else { return }
        settle(index, run, run.advance(readiness, at: now, buffer: buffer), at: now)
    }

    private func takeDue(at now: Int64) {
        let isLate = wakeAt.map { now - $0 > Self.mostLateNanoseconds } ?? false
        while let due = queue.take(at: now) {
            guard stamps[due.slot] == due.stamp, slots[due.slot] != nil else { continue }
            slots[due.slot]?.dueAt = nil
            if let run = slots[due.slot]?.run {
                expire(due.slot, run, isLate: isLate, at: now)
            } else {
                begin(due.slot, at: now)
            }
        }
    }

    private func expire(_ index: Int, _ run: any Run, isLate: Bool, at now: Int64) {
        var progress = run.expire(at: now)
        if isLate, case .done(.failed) = progress {
            progress = .done(.unasked("this master was too late to hear an answer"))
        }
        settle(index, run, progress, at: now)
    }

    private func begin(_ index: Int, at now: Int64) {
        guard let check = slots[index]?.check else { return }
        let (run, progress) = start(check, at: now)
        guard let run else {
            if case .done(let outcome) = progress { end(index, outcome, at: now) }
            return
        }
        serial &+= 1
        slots[index]?.run = run
        slots[index]?.serial = serial
        settle(index, run, progress, at: now)
    }

    /// Goes on with a run as it wants, or takes its end.
    private func settle(_ index: Int, _ run: any Run, _ progress: Progress, at now: Int64) {
        var progress = progress
        if case .waiting = progress {
            do throws(SystemError) {
                if slots[index]?.dueAt != run.deadline { schedule(index, at: run.deadline) }
                try watch(run, index)
                return
            } catch {
                progress = .done(.unasked(Shown.cut(error.description)))
            }
        }
        guard case .done(let outcome) = progress else { return }
        put(away: run, watched: slots[index]?.watched ?? [])
        end(index, outcome, at: now)
    }

    private func watch(_ run: any Run, _ index: Int) throws(SystemError) {
        let (old, new) = (slots[index]?.watched ?? [], run.interest)
        guard old != new else { return }
        slots[index]?.watched = new
        // A run that wants nothing has closed its descriptor.
        guard !new.isEmpty else { return }
        let token = UInt64(slots[index]?.serial ?? 0) << 32 | UInt64(index)
        if old.isEmpty {
            try poller.add(run.number, for: new, token: token)
        } else {
            try poller.change(run.number, to: new, token: token)
        }
    }

    private func end(_ index: Int, _ outcome: Outcome, at now: Int64) {
        let isChanged = slots[index]?.end(outcome, at: now) ?? false
        let chance = Double.random(in: 0..<1, using: &dice)
        let isInDoubt = slots[index]?.counter.isInDoubt ?? false
        guard
            let next = slots[index]?.rhythm.next(after: now, chance: chance, isInDoubt: isInDoubt)
        else { return }
        schedule(index, at: next)
        guard isChanged else { return }
        for member in slots[index]?.members ?? [] { update(member, at: now) }
    }

    private func schedule(_ index: Int, at time: Int64) {
        stamps[index] &+= 1
        slots[index]?.dueAt = time
        queue.add(DueQueue.Entry(at: time, slot: index, stamp: stamps[index]))
    }

    private func put(away run: any Run, watched: Readiness) {
        if run is ProgramRun { programs -= 1 }
        if let left = run.abandon() {
            // Its descriptor stays open until it is gone.
            if !watched.isEmpty { poller.remove(run.number) }
            remains.append(left)
        }
    }
}
