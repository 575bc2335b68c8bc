/// What a limit allows and what is needed of it, and the advice for a person when it has run out.
///
/// A watch is counted in each user namespace from the process outwards: for its user in its own, and for the creator of
/// the inner one in each outer one (namespaces(7), "The /proc/sys/user directory"). Each has a limit. ENOSPC does not
/// tell which one has run out. Only the process's own and the machine's can be read.
package struct InotifyRoom: Equatable, Sendable {
    package let limit: InotifyLimit
    /// The machine's limit; nil if it is not known.
    package let allowed: Int?
    /// The limit of this user namespace; nil in the first one.
    package let allowedHere: Int?
    /// What other processes of this user have; nil if nobody has counted.
    package let others: Int?

    package init(_ limit: InotifyLimit, allowed: Int?, allowedHere: Int? = nil, others: Int? = nil) {
        self.limit = limit
        self.allowed = allowed
        self.allowedHere = allowedHere
        self.others = others
    }

    /// As the kernel has it now.
    package static func present(_ limit: InotifyLimit, others: InotifyUse? = nil) -> InotifyRoom {
        let use = others.map { limit == .watches ? $0.watches : $0.instances }
        return InotifyRoom(
            limit,
            allowed: limit.current(),
            allowedHere: limit.currentOfNamespace(),
            others: use
        )
    }

    /// The lower one of the limits that are known.
    package var lowest: Int? {
        guard let allowed else { return allowedHere }
        return allowedHere.map { min($0, allowed) } ?? allowed
    }

    /// The exact commands and lines that raise the limit.
    ///
    /// The value is twice what is needed and twice the present one, and at least enough for a large tree. A watch costs
    /// the kernel about 1 KiB, and only while it is used.
    package func advice(needing needed: Int? = nil) -> String {
        var facts: [String] = []
        if let needed, limit == .watches { facts.append("watches needed: \(needed)") }
        if let others, others > 0 { facts.append("used by other programs of this user: \(others)") }
        let need = facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))"
        let name = limit.name
        let value = value(above: allowed, needed)
        let command = "sysctl -w \(name)=\(value)"
        let lasting = "(and, to keep it, the line \(name)=\(value) in /etc/sysctl.d/60-outtray.conf)"
        let present = allowed.map { "is \($0)" } ?? "is too low"
        guard let allowedHere else { return "\(name) \(present)\(need); set it with: \(command) \(lasting)" }
        let inner = limit.nameOfNamespace
        let cause =
            allowedHere <= (needed ?? 0) + (others ?? 0)
            ? "the first one is too low"
            : "if the first one is high enough, the machine's has run out, where all users of the namespace count as "
                + "one, or that of a user namespace in between"
        return "\(inner) is \(allowedHere) in this user namespace, and \(name) \(present) on the machine\(need): "
            + "\(cause); set in the namespace, as its root: sysctl -w \(inner)=\(self.value(above: allowedHere, needed)); "
            + "and outside of it: \(command) \(lasting)"
    }

    private func value(above present: Int?, _ needed: Int?) -> Int {
        let least = limit == .watches ? 524_288 : 1024
        // The kernel's numbers are 32 bits wide, and a new namespace has the highest one.
        let twice = min((present ?? 0) * 2, Int(Int32.max))
        var value = least
        while value < ((needed ?? 0) + (others ?? 0)) * 2 { value *= 2 }
        return max(value, twice)
    }
}
