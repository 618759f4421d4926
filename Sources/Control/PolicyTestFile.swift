// A file of tests for a policy: its keys, and the tests as they are run.

internal import Protocol
internal import Settings
internal import Weighting

/// The keys of a file of tests.
enum PolicyTestKeys {
    static let policy = Key<[Found<String>]>(
        "policy", .oneOrMore(.path, most: 2), .optional,
        help: "The policy's file; of two, the second sets knobs over the first. Without it, the "
            + "standard values.")
    static let tests = Group("tests", help: "The tests, each with a service of its own.")
    static let name = Key<String>(
        "tests.name", .sentence, .required, help: "What the test says of the policy.")
    static let scheduler = Key<Scheduler>(
        "tests.scheduler", .scheduler, .required, help: "The scheduler of the service.")
    static let members = Group(
        "tests.members", help: "The members of the service by name, and their capacity.")
    static let capacity = Reading<Double>.number(0.01...1000)
    static let series = Group(
        "tests.series", help: "What each member does, an interval of the policy after the other.")
    static let requests = Key<PolicySeries<Double>>(
        "tests.series.NAME.requests", .series(0...1e6), .required, help: "Requests a second.")
    static let errors = Key<PolicySeries<Double>>(
        "tests.series.NAME.errors", .series(0...1e6), .standard("0"),
        help: "Of these, so many a second fail.")
    static let utilisation = Key<PolicySeries<Double>>(
        "tests.series.NAME.utilisation", .series(0...1), .required,
        help: "The share of its processor in use.")
    static let runnable = Key<PolicySeries<Double>>(
        "tests.series.NAME.runnable", .series(0...1000), .standard("0"),
        help: "Tasks that run or wait, for each core.")
    static let state = Key<PolicySeries<String>>(
        "tests.series.NAME.state", .series(of: HostState.allCases.map(\.name), "state"),
        .standard("up"), help: "What the agent says of its server.")
    static let expect = Group("tests.expect", help: "What is expected, and when.")
    static let at = Key<Double>(
        "tests.expect.at", .duration(0...3600), .optional, help: "At this time, after its tick.")
    static let from = Key<Double>(
        "tests.expect.from", .duration(0...3600), .optional,
        help: "In place of `at`: at every tick from here …")
    static let to = Key<Double>(
        "tests.expect.to", .duration(0...3600), .optional, help: "… to here.")
    static let weights = Group(
        "tests.expect.weights", help: "Weights by member: 1000, or 900..1100.")
    static let shares = Group(
        "tests.expect.shares", help: "Shares of the sum of all weights by member: 20%..30%.")
    static let reasons = Group("tests.expect.reasons", help: "Codes of reasons by member.")

    static let mostTests = 1000
    static let mostMembers = 100
    static let mostExpectations = 1000
}

/// One test, ready to be run.
struct PolicyTest {
    let name: String
    let place: Place
    let scheduler: Scheduler
    let members: [PolicyTrial.Member]
    /// Parallel to the members.
    let series: [Series]
    let expectations: [Expectation]

    struct Series {
        let requests: PolicySeries<Double>
        let errors: PolicySeries<Double>
        let utilisation: PolicySeries<Double>
        let runnable: PolicySeries<Double>
        let state: PolicySeries<String>
    }

    struct Expectation {
        let seconds: ClosedRange<Double>
        /// By the member's place.
        let weights: [(member: Int, Found<ClosedRange<Double>>)]
        let shares: [(member: Int, Found<ClosedRange<Double>>)]
        let reasons: [(member: Int, Found<String>)]
    }
}

/// A file of tests; what was refused is reported.
struct PolicyTestFile {
    let policy: Policy
    let tests: [PolicyTest]

    init?(_ path: String, reporter: Reporter) {
        guard let tree = TreeFile.read(path, reporter: reporter) else { return nil }
        let folder = Files.folder(of: path)
        let file = Section.read(tree, reporter: reporter) { section in
            let policies = section.value(PolicyTestKeys.policy) ?? []
            let tests = section.list(PolicyTestKeys.tests, most: PolicyTestKeys.mostTests) {
                PolicyTest(section: &$0)
            }
            return (policies, tests)
        }
        guard let file else { return nil }
        var policy = Policy()
        for found in file.0 {
            let tree = TreeFile.read(
                Files.join(folder, found.value), namedAt: found.place, reporter: reporter)
            if let tree {
                policy = PolicyFile.read(tree, over: policy, reporter: reporter).policy
            }
        }
        self.policy = policy
        tests = file.1
    }
}

extension PolicyTest {
    fileprivate init?(section: inout Section) {
        let name = section.value(PolicyTestKeys.name)
        let scheduler = section.value(PolicyTestKeys.scheduler)
        let members = section.values(
            PolicyTestKeys.members, PolicyTestKeys.capacity, most: PolicyTestKeys.mostMembers)
        let names = members.map(\.name)
        let series =
            section.group(PolicyTestKeys.series) { section in
                names.map { name in
                    section.group(Group("tests.series.NAME", name: name, help: "")) {
                        Series(section: &$0)
                    }
                }
            } ?? []
        let expectations = section.list(
            PolicyTestKeys.expect, most: PolicyTestKeys.mostExpectations
        ) { Expectation(section: &$0, names: names) }
        let capacities = members.compactMap(\.value)
        let known = series.compactMap { $0 }
        guard let name, let scheduler, !names.isEmpty, known.count == names.count,
            capacities.count == names.count
        else { return nil }
        self.name = name
        place = section.place
        self.scheduler = scheduler
        self.members = zip(names, capacities).map {
            PolicyTrial.Member(name: $0, capacity: $1)
        }
        self.series = known
        self.expectations = expectations
    }
}

extension PolicyTest.Series {
    fileprivate init?(section: inout Section) {
        let requests = section.value(PolicyTestKeys.requests)
        let errors = section.value(PolicyTestKeys.errors)
        let utilisation = section.value(PolicyTestKeys.utilisation)
        let runnable = section.value(PolicyTestKeys.runnable)
        let state = section.value(PolicyTestKeys.state)
        guard let requests, let errors, let utilisation, let runnable, let state else { return nil }
        self.init(
            requests: requests, errors: errors, utilisation: utilisation, runnable: runnable,
            state: state)
    }
}

extension PolicyTest.Expectation {
    fileprivate init?(section: inout Section, names: [String]) {
        let at = section.value(PolicyTestKeys.at)
        let from = section.value(PolicyTestKeys.from)
        let to = section.value(PolicyTestKeys.to)
        weights = Self.values(
            PolicyTestKeys.weights, .range(.number(0...65_535)), names, in: &section)
        shares = Self.values(PolicyTestKeys.shares, .range(.share(0...1)), names, in: &section)
        reasons = Self.values(PolicyTestKeys.reasons, .code, names, in: &section)
        switch (at, from, to) {
        case (let at?, nil, nil):
            seconds = at...at
        case (nil, let from?, let to?) where from <= to:
            seconds = from...to
        default:
            section.reporter.error(
                section.place, "it is not said when this is expected",
                remedy: "write at: 9s, or from: 5s and to: 9s")
            return nil
        }
    }

    /// Values by member; a name that is none is reported by the section itself.
    private static func values<Value>(
        _ group: Group, _ reading: Reading<Value>, _ names: [String], in section: inout Section
    ) -> [(member: Int, Found<Value>)] {
        section.group(group) { section in
            names.enumerated().compactMap { place, name in
                section.found(Key(group.path + ".NAME", name: name, reading, .optional, help: ""))
                    .map { (place, $0) }
            }
        } ?? []
    }
}
