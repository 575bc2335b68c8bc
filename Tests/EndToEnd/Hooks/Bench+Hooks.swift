import Foundation
import SystemPackage
import TestSupport

/// One line that a test's hook wrote: a call of it.
struct HookCall: Hashable {
    let delivery: String
    let event: String
    let revision: Int
    let attempt: Int
    let path: String

    /// Whether the hook that fails each third event at its first try has failed with this call.
    var fails: Bool { attempt == 1 && (Int(delivery.prefix(4), radix: 16) ?? 1) % 3 == 0 }
}

extension Bench {
    /// Writes a script that notes each of its calls in `hook.log`, and then does `body`.
    ///
    /// The lines are short, so each is one write(2), and none mixes with another.
    func writeHook(_ body: String = "exit 0") throws {
        let script = """
            #!/bin/sh
            echo "$OUTTRAY_DELIVERY $OUTTRAY_EVENT ${OUTTRAY_REVISION:-0} $OUTTRAY_ATTEMPT $OUTTRAY_PATH" >> '\(root)/hook.log'
            \(body)

            """
        try write(Array(script.utf8), to: "hook.sh", permissions: [.ownerReadWriteExecute])
    }

    /// For ``writeHook(_:)``: adds the event to `hook.json`, with one write(2).
    static let keepingBody = #"line=$(cat); printf '%s\n' "$line" >> "${0%.sh}.json""#

    /// The events that a hook with ``keepingBody`` has kept, in order.
    func hookBodies() throws -> [String] {
        guard exists("hook.json") else { return [] }
        return String(decoding: try read(path("hook.json")), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The calls so far, in order.
    func hookCalls() throws -> [HookCall] {
        guard exists("hook.log") else { return [] }
        let text = String(decoding: try read(path("hook.log")), as: UTF8.self)
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 4)
            guard words.count >= 4 else { return nil }
            return HookCall(
                delivery: String(words[0]),
                event: String(words[1]),
                revision: Int(words[2]) ?? -1,
                attempt: Int(words[3]) ?? -1,
                path: words.count > 4 ? String(words[4]) : ""
            )
        }
    }

    /// The value of one series of `/metrics`; nil if it does not show.
    func metric(_ series: String) async throws -> Double? {
        try await asked(state.appending("control.sock"), "/metrics").split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    /// Adds lines of YAML for the top level to the configuration.
    func configure(_ folders: [Folder] = [.init(settle: "100ms")], hooks: [String]) throws {
        try configure(folders)
        let yaml = yaml(folders) + hooks.joined(separator: "\n") + "\n"
        try write(Array(yaml.utf8), to: "outtray.yaml")
    }

    /// The hook of ``writeHook(_:)``, as a line of YAML.
    func hookLine(_ trigger: String = "uploaded", name: String = "post", more: String = "") -> String {
        "on_\(trigger): [{name: \(name), run: [\(path("hook.sh"))]\(more.isEmpty ? "" : ", \(more)")}]"
    }
}
