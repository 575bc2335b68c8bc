/// What an action is for.
package enum ActionScope: Hashable, Sendable {
    case all
    case account(String)
    case folder(String)
}
