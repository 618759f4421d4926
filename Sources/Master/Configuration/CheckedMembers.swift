// Which members are checked, and how: every check of a service, for each of its servers.

internal import Checks
internal import Settings
internal import Weighting

extension ClusterAssembly {
    /// The members of services that have checks, in the order of the files.
    func checkedMembers() -> [CheckedMember] {
        services.flatMap { service -> [CheckedMember] in
            guard let key = service.key?.value, !service.checks.isEmpty else { return [] }
            return service.members.map { member in
                CheckedMember(
                    MemberKey(service: key, destination: member.destination),
                    checks: service.checks.compactMap {
                        $0.check(of: member, reporter: reporter)
                    })
            }
        }
    }
}
