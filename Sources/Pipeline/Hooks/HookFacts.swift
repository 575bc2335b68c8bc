/// What is told of an event: a JSON object.
package enum HookFacts {
    /// Of a file: what the journal's line has.
    package static func of(_ row: ManifestRow) -> String {
        JSON.object(ManifestKey(row.path).fields("path") + row.content.fields()).json
    }

    /// Of an account that is blocked until then.
    package static func of(_ block: AccountBlock) -> String {
        JSON.object([
            "account": .string(block.account), "cause": .string(block.cause.rawValue),
            "reason": .string(block.reason), "until": .string(block.until.iso8601),
        ]).json
    }
}
