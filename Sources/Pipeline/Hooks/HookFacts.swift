import SystemPackage

/// What is told of an event: a JSON object.
package enum HookFacts {
    /// Of a file: what the journal's line has.
    package static func of(_ row: ManifestRow) -> String {
        JSON.object(ManifestKey(row.path).fields("path") + row.content.fields()).json
    }

    /// Of a directory that is ready.
    package static func of(_ directory: ReadyDirectory) -> String {
        JSON.object(
            ManifestKey(directory.path).fields("path") + [
                JSON.Member("folder", directory.folder.map(JSON.string) ?? .null),
                JSON.Member("files", .integer(Int64(directory.files))),
                JSON.Member("failed", .integer(Int64(directory.failed))),
                JSON.Member("revision", .integer(directory.revision)),
            ]
        ).json
    }

    /// Of an account that is blocked until then.
    package static func of(_ block: AccountBlock) -> String {
        JSON.object([
            "account": .string(block.account), "cause": .string(block.cause.rawValue),
            "reason": .string(block.reason), "until": .string(block.until.iso8601),
        ]).json
    }
}

/// A directory that is ready: none of its files waits or is being processed. The directories in it do not count.
package struct ReadyDirectory: Hashable, Sendable {
    package let path: FilePath
    package let folder: String?
    /// Files that are up and can be used.
    package let files: Int
    /// Files that were rejected, or that their provider could not process.
    package let failed: Int
    /// The newest revision among them.
    package let revision: Int64

    package init(path: FilePath, folder: String?, files: Int, failed: Int, revision: Int64) {
        self.path = path
        self.folder = folder
        self.files = files
        self.failed = failed
        self.revision = revision
    }
}
