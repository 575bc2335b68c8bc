import SystemPackage

/// One event for one hook, as recorded in the commit of its change. It stays until it is delivered or given up.
package struct HookEvent: Hashable, Sendable {
    /// The ledger's own number: the order of events.
    package let id: Int64
    /// The same with each try, and never given to another event: for receivers that drop repetitions.
    package let key: String
    package let hook: String
    package let trigger: HookTrigger
    /// The file or directory; nil for an event of an account.
    package let path: FilePath?
    /// A JSON object, as ``HookFacts`` made it.
    package let facts: String
    package let recordedAt: Timestamp
    /// Tries that failed so far.
    package let attempts: Int
    /// When the first try failed, by ``Timestamp/steady()``.
    package let failedSince: Timestamp?

    package init(
        id: Int64,
        key: String,
        hook: String,
        trigger: HookTrigger,
        path: FilePath?,
        facts: String,
        recordedAt: Timestamp,
        attempts: Int = 0,
        failedSince: Timestamp? = nil
    ) {
        self.id = id
        self.key = key
        self.hook = hook
        self.trigger = trigger
        self.path = path
        self.facts = facts
        self.recordedAt = recordedAt
        self.attempts = attempts
        self.failedSince = failedSince
    }

    /// What a hook gets: JSON on one line. The bytes are the same with each try.
    package var body: [UInt8] { Array(JSON.object(members).json.utf8) }

    private var members: [JSON.Member] {
        let facts = (try? JSONReader.value(of: Array(facts.utf8)[...]))?.members ?? []
        // A rejection has a time of its own.
        let time = facts["at"] ?? .string(recordedAt.iso8601)
        return [
            JSON.Member("delivery", .string(key)),
            JSON.Member("hook", .string(hook)),
            JSON.Member("event", .string(trigger.rawValue)),
            JSON.Member("at", time),
        ] + facts.filter { $0.name != "at" }
    }

    /// The same for a command's environment: `mediaId` becomes `OUTTRAY_MEDIA_ID`. Values that are lists or null are
    /// left out, and so are those of more than 32 KiB.
    ///
    /// `OUTTRAY_PATH` has the path's own bytes. `OUTTRAY_ASSET` is the asset URN, media id or public URL, whichever
    /// there is. `OUTTRAY_ATTEMPT` counts from 1.
    package var environment: [(name: String, value: [UInt8])] {
        var variables: [(name: String, value: [UInt8])] = []
        for member in members where !["path", "pathEncoding"].contains(member.name) {
            guard let text = member.value.scalarText else { continue }
            variables.append(("OUTTRAY_" + Self.variable(member.name), Array(text.utf8)))
        }
        if let path { variables.append(("OUTTRAY_PATH", path.bytes)) }
        let ids = ["assetUrn", "mediaId", "publicUrl"].compactMap { members[$0]?.string }
        if let id = ids.first { variables.append(("OUTTRAY_ASSET", Array(id.utf8))) }
        variables.append(("OUTTRAY_ATTEMPT", Array("\(attempts + 1)".utf8)))
        // A variable ends at its first null: environ(7).
        return variables.map { ($0.name, $0.value.filter { $0 != 0 }) }
            .filter { $0.value.count <= Self.longestVariable }
    }

    /// In bytes. Linux takes 128 KiB for one variable (execve(2), MAX_ARG_STRLEN), and refuses the command beyond that.
    private static let longestVariable = 32 << 10

    /// `mediaId` becomes `MEDIA_ID`.
    private static func variable(_ name: String) -> String {
        var text = ""
        for character in name {
            if character.isUppercase { text.append("_") }
            text += character.uppercased()
        }
        return text
    }
}

extension JSON {
    /// The value as plain text; nil for null, lists and objects.
    fileprivate var scalarText: String? {
        switch self {
        case .string(let text): text
        case .number(let digits): digits
        case .bool(let truth): truth ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}
