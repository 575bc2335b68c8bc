import SystemPackage

/// What a person paused. Nothing new begins there; what is under way finishes, and files are still seen and queued.
package struct Pause: Hashable, Sendable {
    /// By identity. A name is a key of the configuration, and may come to mean something else.
    package enum Subject: Hashable, Sendable {
        case all
        /// Also holds under another name, or with another key, but for no other target under the name.
        case account(name: String, target: String, fingerprint: String)
        /// Also holds under another name, but not at another path.
        case folder(name: String, path: FilePath)
    }

    package let subject: Subject
    package let since: Timestamp

    package init(_ subject: Subject, since: Timestamp) {
        self.subject = subject
        self.since = since
    }
}

extension Pause.Subject {
    package init(_ account: ConfiguredAccount) {
        self = .account(
            name: account.name,
            target: account.identity.target,
            fingerprint: account.identity.fingerprint
        )
    }

    /// Whether a pause of this account is a pause of that one. The same identity is, and so is the same name with the
    /// same target: only the key is new.
    package func holds(account name: String, target: String?, fingerprint: String) -> Bool {
        guard case .account(let own, let ownTarget, let ownFingerprint) = self else { return false }
        return ownFingerprint == fingerprint || (own == name && ownTarget == target)
    }

    /// Whether both pauses are of one thing, whatever its names.
    package func isSame(as other: Self) -> Bool {
        switch (self, other) {
        case (.all, .all): true
        case (.folder(_, let own), .folder(_, let path)): own == path
        case (_, .account(let name, let target, let fingerprint)):
            holds(account: name, target: target, fingerprint: fingerprint)
        default: false
        }
    }

    /// Whether a person means this by the scope: the name at the time of the pause counts.
    package func isNamed(by scope: ActionScope) -> Bool {
        switch (self, scope) {
        case (.account(let name, _, _), .account(let meant)), (.folder(let name, _), .folder(let meant)): name == meant
        default: false
        }
    }

    /// `all`, `account` or `folder`.
    package var scope: String {
        switch self {
        case .all: "all"
        case .account: "account"
        case .folder: "folder"
        }
    }

    /// The name at the time of the pause; nil for all.
    package var name: String? {
        switch self {
        case .all: nil
        case .account(let name, _, _), .folder(let name, _): name
        }
    }

    /// What is paused, and how it goes on.
    package var words: String { "\(what); to go on: \(remedy)" }

    /// What is paused.
    package var what: String {
        switch self {
        case .all: "everything is paused"
        case .account(let name, _, _): "account \(name) is paused"
        case .folder(let name, _): "folder \(name) is paused"
        }
    }

    /// The command that ends the pause. It takes the name at the time of the pause, too.
    package var remedy: String {
        switch self {
        case .all: "outtray resume"
        case .account(let name, _, _): "outtray resume --account \(name)"
        case .folder(let name, _): "outtray resume --folder \(name)"
        }
    }
}

extension Pause {
    /// Whether both are one pause, perhaps of an account under two names or keys.
    package func isOne(with other: Pause) -> Bool {
        guard case .account(_, let own, _) = subject, case .account(_, let target, _) = other.subject else {
            return self == other
        }
        return own == target && since == other.since
    }
}

extension [Pause] {
    /// Each pause once, under its newest name and key.
    package var shown: [Pause] {
        reduce(into: []) { shown, pause in
            if let index = shown.firstIndex(where: pause.isOne) {
                shown[index] = pause
            } else {
                shown.append(pause)
            }
        }
    }
}

extension ConfiguredAccount {
    /// Whether this is a pause of the account.
    package func isHeld(by pause: Pause.Subject) -> Bool {
        pause.holds(account: name, target: identity.target, fingerprint: identity.fingerprint)
    }
}
