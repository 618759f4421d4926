// What is known of zeros, for those who check a plan apart from the code that made it.

extension Fleet {
    /// Whose the zeros are in these services of a table.
    func zeros(in wanted: Set<ServiceKey>, of table: Table) -> Invariants.Zeros {
        var zeros = Invariants.Zeros()
        for index in services.indices where wanted.contains(cluster.services[index].key) {
            let (service, memory) = (cluster.services[index], services[index])
            func key(_ place: Int) -> MemberKey {
                MemberKey(service: service.key, destination: service.members[place].destination)
            }
            for place in service.members.indices where memory.members[place].drain.zero == .ours {
                zeros.ours.insert(key(place))
                if memory.members[place].drain.isKeptOut { zeros.keptOut.insert(key(place)) }
            }
            for place in memory.removals.compactMap(\.place) { zeros.counted.insert(key(place)) }
            for entry in memory.ordered where entry.order.isForced {
                zeros.forced.insert(key(entry.place))
            }
            if let sorry = service.sorry, memory.isBelowQuorum,
                table[service: service.key]?[sorry]?.weight ?? 0 > 0
            {
                zeros.relieved.insert(service.key)
            }
        }
        return zeros
    }
}
