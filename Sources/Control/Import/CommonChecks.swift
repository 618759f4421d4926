// Checks of single servers → the checks of their service: what most servers have holds for all.

extension AdoptedCheck {
    /// A check more often than this is none of ours.
    static let leastIntervalSeconds = 0.1
}

extension AdoptedService {
    /// Leaves with each server only a remark on what differs there.
    mutating func takeCommonChecks() {
        for index in members.indices {
            let port = members[index].port
            for check in members[index].checks.indices {
                members[index].checks[check].forgetOwn(
                    port: port, address: "\(members[index].address)")
            }
        }
        checks = members.map(\.checks).filter { !$0.isEmpty }.mostFrequent ?? []
        for index in members.indices where members[index].checks != checks {
            let own = members[index].checks
            members[index].remarks.append(
                Remark(
                    origin: members[index].origin,
                    text: own.isEmpty
                        ? "had no check; now it has those of the service"
                        : "had other checks than most servers, and now has those of the service: "
                            + own.map(\.text).joined(separator: "; ")))
        }
    }
}

extension AdoptedCheck {
    /// What a check of a service does anyway: ask the server itself, at its own port.
    fileprivate mutating func forgetOwn(port: UInt16, address: String) {
        settings.removeAll { setting in
            setting.key == "port" && setting.value.description == "\(port)"
                || setting.key == "address" && setting.value == YAMLText(address)
        }
    }

    /// On one line, as YAML.
    var text: String {
        let pairs = ["type: \(type)"] + settings.map { "\($0.key): \($0.value)" }
        return "{\(pairs.joined(separator: ", "))}"
    }
}
