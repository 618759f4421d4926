// The policies of one master: the common one, and those of a folder by name.

package import Weighting

/// The common policy, and what the policies of the folder make of it.
package struct Policies: Equatable, Sendable {
    package var common = Policy()
    package var named: [String: Policy] = [:]

    /// The standard values for all.
    package init() {}

    package static let commonKey = Key<String>(
        "policy", .path, .standard("policy.yaml"),
        help: "The file with the policy. All its keys have standard values, and the standard "
            + "file may be absent.")
    package static let folderKey = Key<String>(
        "policies", .path, .standard("policies.d"),
        help: "The folder of further policies: NAME.yaml is the policy NAME, for the services "
            + "that name it. It sets knobs over the policy above.")

    private static let ending = ".yaml"
    private static let mostNamed = 100

    /// Reads all of them, also those that no service names.
    package init(common: Found<String>, folder: Found<String>, reporter: Reporter) {
        if let tree = TreeFile.read(
            common.value, namedAt: common.place, mayBeAbsent: common.place == nil,
            reporter: reporter)
        {
            self.common = PolicyFile.read(tree, reporter: reporter).policy
        }
        for name in Self.names(in: folder, reporter: reporter) {
            let path = Files.join(folder.value, name + Self.ending)
            guard let tree = TreeFile.read(path, reporter: reporter) else { continue }
            let contents = PolicyFile.read(tree, over: self.common, reporter: reporter)
            if let place = contents.places[Policy.intervalKey] {
                reporter.error(
                    place, "all services are decided at one time, so the interval is not \(name)'s",
                    remedy: "set it in \(common.value)")
            }
            named[name] = contents.policy
        }
    }

    private static func names(in folder: Found<String>, reporter: Reporter) -> [String] {
        var names: [String] = []
        do throws(FileError) {
            names = try Files.names(in: folder.value, matching: "*\(ending)")
                .map { String($0.dropLast(ending.count)) }
        } catch {
            guard folder.place != nil || !error.isAbsent else { return [] }
            let remedy = "make it, or leave the key away"
            if let place = folder.place {
                reporter.error(place, "\(folder.value): \(error)", remedy: remedy)
            } else {
                reporter.error(path: folder.value, "\(error)")
            }
            return []
        }
        guard names.count <= mostNamed else {
            reporter.error(
                path: folder.value, "\(names.count) policies are in this folder",
                remedy: "at most \(mostNamed) are allowed")
            return []
        }
        return names.filter { name in
            guard let fault = NameRule.fault(of: name) else { return true }
            reporter.error(
                path: Files.join(folder.value, name + ending), fault.message,
                remedy: fault.remedy)
            return false
        }
    }

    /// The policy of that name; `nil` after a report.
    package func policy(named name: Found<String>, reporter: Reporter) -> Policy? {
        if let policy = named[name.value] { return policy }
        guard let place = name.place else { return nil }
        let known = named.keys.sorted()
        reporter.error(
            place, "there is no policy \"\(name.value)\"",
            remedy: known.isEmpty
                ? "put it into the folder of policies, as \(name.value)\(Self.ending)"
                : Suggestion.remedy(for: name.value, known: known))
        return nil
    }
}

extension Policy {
    /// The knob that is the master's own, not a service's.
    package static var intervalKey: String { "interval" }
}
