import Pipeline
import Providers
import SystemPackage

extension ConfigurationMapping {
    /// Reads `on_uploaded` and the like: a list of hooks.
    mutating func hooks(_ trigger: HookTrigger, folder: String? = nil) -> [Configuration.Hook] {
        guard let node = node("on_\(trigger.rawValue)") else { return [] }
        guard let elements = node.elements else {
            report(node.problem("must be a list of hooks, such as [{name: post, run: [/usr/local/bin/post]}]"))
            return []
        }
        return elements.compactMap { hook($0, trigger, folder: folder) }
    }

    /// Nil for a hook without a name or without something to call.
    private mutating func hook(
        _ node: ConfigurationNode,
        _ trigger: HookTrigger,
        folder: String?
    ) -> Configuration.Hook? {
        var mapping = ConfigurationMapping(node)
        let name = mapping.hookName()
        let command = mapping.command()
        let webhook = mapping.webhook()
        let isGiven = mapping.hasValue("run") || mapping.hasValue("webhook")
        if !isGiven, mapping.problems.isEmpty {
            mapping.report(node.problem("give run (a command) or webhook (a URL)"))
        }
        if command != nil, webhook != nil { mapping.report(node.problem("give one of run and webhook")) }
        let timeout = mapping.hookTimeout()
        let concurrency = mapping.number("concurrency", in: 1...16)
        let places = mapping.places
        adopt(mapping.finish())
        guard let name, let action = command ?? webhook else { return nil }
        var hook = Configuration.Hook(name: name, trigger: trigger, folder: folder, action: action, places: places)
        if let timeout { hook.timeout = timeout }
        if let concurrency { hook.concurrency = concurrency }
        return hook
    }

    private mutating func hookName() -> String? {
        guard let name = text("name") else {
            if problems.isEmpty { report(node.problem("name is missing: it tells this hook from others in the log")) }
            return nil
        }
        guard let trouble = Self.trouble(withName: name) else { return name }
        if let place = node("name") { report(place.problem(trouble)) }
        return nil
    }

    /// `run`: a program by its absolute path, and its arguments.
    private mutating func command() -> Configuration.Hook.Action? {
        guard let node = node("run") else { return nil }
        guard let elements = node.elements, let first = elements.first else {
            let given = node.text.map {
                "; no shell reads it, so write [\($0.split(separator: " ").joined(separator: ", ").cut)]"
            }
            report(
                node.problem(
                    "must be a list: a program and its arguments, such as [/usr/local/bin/post, --now]\(given ?? "")"
                )
            )
            return nil
        }
        var command: [String] = []
        for element in elements {
            guard let text = element.text, !text.unicodeScalars.contains("\0") else {
                report(element.problem("must be a text without null characters"))
                return nil
            }
            command.append(text)
        }
        guard let program = command.first, let path = ConfiguredPath.read(program) else {
            report(first.problem("must be the absolute path of a program, such as /usr/local/bin/post"))
            return nil
        }
        command[0] = path.string
        return .command(command)
    }

    private mutating func webhook() -> Configuration.Hook.Action? {
        let allowsHTTP = truth("allow_http") ?? false
        let allowsPrivate = truth("allow_private") ?? false
        let secret = keyFile("secret_file")
        guard let node = node("webhook") else {
            for key in ["allow_http", "allow_private", "secret_file"] {
                if let given = self.node(key) { report(given.problem("belongs to a webhook")) }
            }
            return nil
        }
        // Not quoted: many services put a password into the URL.
        guard let url = node.text else {
            report(node.problem("must be an https:// address"))
            return nil
        }
        if let trouble = WebhookURL.trouble(with: url, allowsHTTP: allowsHTTP, allowsPrivate: allowsPrivate) {
            report(node.problem(trouble))
            return nil
        }
        return .webhook(url: url, secret: secret, allowsPrivate: allowsPrivate)
    }

    private mutating func hookTimeout() -> Duration? {
        guard let timeout = duration("timeout") else { return nil }
        if (.seconds(1) ... .seconds(3600)).contains(timeout) { return timeout }
        if let place = node("timeout") { report(place.problem("must be a duration from 1s to 1h")) }
        return nil
    }

    private mutating func hasValue(_ name: String) -> Bool { node(name) != nil }

    /// Reports each hook whose name an earlier one has.
    mutating func reportTwins(among hooks: [Configuration.Hook]) {
        var names: Set<String> = []
        for hook in hooks where !names.insert(hook.name).inserted {
            report(hook.places["name"].saying("another hook is named \"\(hook.name)\": each needs a name of its own"))
        }
    }
}
