// Which policy each service has at which time, as its windows say.

internal import Settings
internal import Weighting

/// The services that name policies, and the clocks that their windows go by.
struct PolicyCalendar: Equatable, Sendable {
    var zone = Zone.utc
    var services: [ServiceKey: Entry] = [:]

    struct Entry: Equatable, Sendable {
        /// Outside of all windows; the common policy when there is none.
        var base: NamedPolicy?
        var windows = PolicyWindows([])
        /// Of each window, in the order of the list.
        var policies: [NamedPolicy] = []

        /// The policy while this window is in force, or none is.
        func policy(inWindow index: Int?) -> NamedPolicy? {
            guard let index, policies.indices.contains(index) else { return base }
            return policies[index]
        }
    }

    struct NamedPolicy: Equatable, Sendable {
        let name: String
        let policy: Policy
    }
}

extension ClusterAssembly {
    var hasWindows: Bool { services.contains { !$0.windows.isEmpty } }

    /// Meaningful only when nothing was reported.
    func calendar(zone: Zone, policies: Policies) -> PolicyCalendar {
        var calendar = PolicyCalendar(zone: zone)
        for service in services {
            guard let key = service.key?.value else { continue }
            let named = service.windows.compactMap { declared -> PolicyCalendar.NamedPolicy? in
                policies.policy(named: declared.policy, reporter: reporter).map {
                    PolicyCalendar.NamedPolicy(name: declared.policy.value, policy: $0)
                }
            }
            // The name of the base was looked for with the cluster.
            let base = service.policy.flatMap { name in
                policies.named[name.value].map {
                    PolicyCalendar.NamedPolicy(name: name.value, policy: $0)
                }
            }
            guard base != nil || !named.isEmpty else { continue }
            let windows = PolicyWindows(service.windows.map(\.window))
            for index in windows.hidden {
                reporter.warning(
                    service.windows[index].place,
                    "this window is never in force: those above it have all of its time",
                    remedy: "of windows that overlap the first is in force; move it up")
            }
            calendar.services[key] = PolicyCalendar.Entry(
                base: base, windows: windows, policies: named)
        }
        return calendar
    }
}

/// A window as a file declares it.
struct DeclaredWindow {
    let place: Place
    let window: PolicyWindow
    let policy: Found<String>

    init?(section: inout Section) {
        let days = section.value(WindowKeys.days)
        let from = section.found(WindowKeys.from)
        let to = section.found(WindowKeys.to)
        let policy = section.found(WindowKeys.policy)
        guard let days, let from, let to, let policy else { return nil }
        guard from.value < PolicyWindow.lastMinute else {
            section.reporter.error(
                from.place ?? section.place, "a window that begins at 24:00 begins the next day",
                remedy: "write \"00:00\", and the day after")
            return nil
        }
        guard from.value != to.value else {
            section.reporter.error(
                to.place ?? section.place, "this window ends when it begins",
                remedy: "leave from and to out where it is for whole days")
            return nil
        }
        self.policy = policy
        place = section.place
        window = PolicyWindow(
            days: Weekdays(days.flatMap(\.value)), from: from.value, to: to.value,
            policy: policy.value)
    }
}

/// The keys of a service's windows.
enum WindowKeys {
    static let windows = Group(
        "services.NAME.windows",
        help: "Times of the week with another policy. Of windows that overlap the first is in "
            + "force.")
    static let days = Key<[Found<Weekdays>]>(
        "services.NAME.windows.days", .oneOrMore(.weekdays, most: 7), .standard("mon-sun"),
        help: "The days on which it begins, such as mon-fri, or a list of them; every day when "
            + "left out.")
    static let from = Key<Int>(
        "services.NAME.windows.from", .timeOfDay, .standard("\"00:00\""),
        help: "When it begins, by the clocks of `timezone` in master.yaml.")
    static let to = Key<Int>(
        "services.NAME.windows.to", .timeOfDay, .standard("\"24:00\""),
        help: "When it ends; on the next day when that is not after `from`.")
    static let policy = Key<String>(
        "services.NAME.windows.policy", .name, .required,
        help: "The policy in that time, by its name in the folder of policies.")

    static let entries = [windows.entry, days.entry, from.entry, to.entry, policy.entry]
    static let most = 20
}
