/// The folders, accounts and hooks that end and begin when another plan takes over.
///
/// Members that are equal in both plans go on. Each other one ends, begins, or both. Members are compared by name;
/// their order in the file plays no part.
struct PlanChange: Equatable {
    /// The members of one kind that end and begin, by name.
    struct Members: Equatable {
        /// Members of the old plan that the new plan lacks or has otherwise.
        let ending: Set<String>
        /// Members of the new plan that the old plan lacks or has otherwise.
        let beginning: Set<String>

        /// Both lists name each member once.
        init<Member: Equatable>(from old: [Member], to new: [Member], name: (Member) -> String) {
            let before = Dictionary(old.map { (name($0), $0) }) { first, _ in first }
            let after = Dictionary(new.map { (name($0), $0) }) { first, _ in first }
            ending = Set(before.filter { after[$0.key] != $0.value }.keys)
            beginning = Set(after.filter { before[$0.key] != $0.value }.keys)
        }
    }

    let folders: Members
    let accounts: Members
    let hooks: Members

    init(from old: PipelinePlan, to new: PipelinePlan) {
        folders = Members(from: old.watched, to: new.watched, name: \.name)
        accounts = Members(from: old.accounts, to: new.accounts, name: \.name)
        hooks = Members(from: old.called, to: new.called, name: \.name)
    }
}
