/// What becomes of the folders and accounts of one plan when another one takes its place: those that are equal in both go
/// on, and each other one ends, begins, or both. Names tell which is which; where a plan stands in a file plays no part.
struct PlanChange: Equatable {
    /// Of one plan's members, by name.
    struct Members: Equatable {
        /// In the old plan, and not the same in the new one.
        let ending: Set<String>
        /// In the new plan, and not the same in the old one.
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

    init(from old: PipelinePlan, to new: PipelinePlan) {
        folders = Members(from: old.watched, to: new.watched, name: \.name)
        accounts = Members(from: old.accounts, to: new.accounts, name: \.name)
    }
}
