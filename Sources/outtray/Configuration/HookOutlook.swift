import Pipeline
import Providers

/// What `outtray check` says of a hook. Nothing is called.
struct HookOutlook {
    private let hook: Configuration.Hook

    init(_ hook: Configuration.Hook) {
        self.hook = hook
    }

    /// Why a command cannot be started by this user now; nil if it seems that it can. It is no mistake of the
    /// configuration: the program may come later.
    var trouble: String? {
        guard case .command(let command) = hook.action else { return nil }
        return CommandHook.trouble(with: command[0])
    }

    /// What is called, and when. Of a URL the host alone, as many services put a password into the path.
    var words: String {
        let target =
            switch hook.action {
            case .command(let command): command[0]
            case .webhook(let url, let secret, _):
                "POST to \(WebhookURL.host(url)), \(secret == nil ? "not signed" : "signed")"
            }
        return "\(target) on_\(hook.trigger.rawValue)\(hook.folder.map { " of folder \($0)" } ?? "")"
    }
}
