import Pipeline
import SystemPackage
import Watch

extension Endpoint {
    /// The most files of one page, and how many it has if nobody says.
    private static var mostFiles: Int64 { 1000 }
    private static var usualFiles: Int64 { 100 }

    /// `GET /api/v1/files?state=&cause=&folder=&account=&kind=&q=&order=&with=&after=&limit=`: the known files.
    ///
    /// They come a page at a time.
    ///
    /// `facts` says what waits for what at this moment, `page` reads the files.
    package static func files(
        facts: @escaping @Sendable () async throws -> ServiceFacts,
        page: @escaping @Sendable (FileQuery) async throws -> FilePage
    ) -> Endpoint {
        Endpoint(.get, "/api/v1/files", part: .page, access: .session(.look)) { request in
            try request.query.allow(
                "state",
                "cause",
                "folder",
                "account",
                "kind",
                "q",
                "order",
                "with",
                "after",
                "limit"
            )
            let facts = try await facts()
            let cause = try request.query.choice("cause", of: WaitCause.self)
            var query = FileQuery(limit: Int(try request.query.number("limit", in: 1...mostFiles) ?? usualFiles))
            query.state = try request.query.choice("state", of: FileState.self)
            query.folder = try request.query.text("folder")
            query.account = try request.query.text("account")
            query.kind = try request.query.choice("kind", of: MediaKind.self)
            query.text = try request.query.text("q")
            query.isNewestFirst = try request.query.choice("order", of: FileOrder.self) == .newest
            query.wantsEntries = try request.query.choice("with", of: FileExtra.self) == .entry
            query.after = try request.query.number("after", in: 0...Int64.max).map(FileQuery.Cursor.init)
            if let cause, cause == .pace {
                // What waits for the pace has a slot: the ledger has it under way, and there are no more than slots.
                let waiting = Set(facts.uploads.filter { $0.phase == .pace }.map(\.path))
                guard query.state == nil || query.state == .uploading else {
                    return answer(FilePage(files: [], next: nil), facts)
                }
                query.state = .uploading
                query.accepts = { waiting.contains($0.path) }
            }
            if let cause, cause != .pace {
                let state = query.state
                query.waits = facts.waits(for: cause).filter { state == nil || $0.state == state }
                // Of a group, only the files of some folders may be paused.
                let outlook = facts.outlook
                if !outlook.pausedFolders.isEmpty { query.accepts = { outlook.cause(of: $0) == cause } }
            }
            return answer(try await page(query), facts)
        }
    }

    private static func answer(_ page: FilePage, _ facts: ServiceFacts) -> ControlAnswer {
        .json(
            .object([
                "files": .array(page.files.map { $0.line(facts.cause(of: $0), page.entries[$0.path]) }),
                "next": page.next.map { .string(String($0.number)) },
            ])
        )
    }

    /// `GET /api/v1/files/why?path=`: where one file is, and why. `explain` looks into the ledger and at the disk.
    package static func why(
        _ explain: @escaping @Sendable (FilePath) async throws -> FileExplanation
    ) -> Endpoint {
        Endpoint(.get, "/api/v1/files/why", part: .page, access: .session(.look)) { request in
            try request.query.allow("path")
            guard let path = try request.query.path("path") else {
                throw ControlError(.invalid, "no path is given", hint: "add ?path=, percent-encoded")
            }
            return .json(try await explain(path).json)
        }
    }
}

/// In which order files are listed that do not wait.
private enum FileOrder: String, CaseIterable {
    /// By when they were first seen. This is so if nobody says.
    case oldest
    case newest
}

/// What a list of files may tell beside.
private enum FileExtra: String, CaseIterable {
    /// What the manifest shows of each file.
    case entry
}

extension FileRecord {
    /// One file of the list.
    fileprivate func line(_ cause: WaitCause?, _ row: ManifestRow?) -> JSON {
        let due = due.flatMap { $0 > .atOnce ? $0 : nil }
        return .object(
            ManifestKey(path).fields("path")
                + (JSON.object([
                    "state": .string(state.rawValue),
                    "cause": cause.map { .string($0.rawValue) },
                    "reason": reason.isEmpty ? nil : .string(reason),
                    "folder": folder.map(JSON.string),
                    "account": account.map(JSON.string),
                    "bytes": .integer(version.size),
                    "version": .string(version.tag),
                    "attempts": .integer(Int64(attempts)),
                    "next": due.map { .string($0.iso8601) },
                    "updated": .string(updatedAt.iso8601),
                    "entry": row.flatMap(\.entryJSON),
                ]).members ?? [])
        )
    }
}

extension ManifestRow {
    /// What the manifest shows of the path, without the path.
    fileprivate var entryJSON: JSON? {
        guard let members = (try? JSONReader.value(of: Array(json.utf8)[...]))?.members else { return nil }
        return .object(members.filter { !["path", "pathEncoding"].contains($0.name) })
    }
}
