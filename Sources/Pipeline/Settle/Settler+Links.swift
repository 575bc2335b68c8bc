import SystemPackage
import Watch

extension Settler {
    /// How many other names of one file are looked at when it changes. The next scan looks at all.
    private static var mostNames: Int { 256 }

    /// The other names of changed files that have several, where the ledger knows them.
    ///
    /// The kernel tells a change under the one name by which it was made (inotify(7), "hard links").
    func otherNames(of looks: [FilePath: FileLook]) async -> [FoundFile] {
        let linked = looks.values.compactMap { look in
            if case .there(let file, let names) = look, names > 1 { file } else { nil }
        }
        if linked.isEmpty { return [] }
        // At the end of the service some names are not looked up. The next start finds them again.
        let names = try? await bookkeeping.durably { try await queue.otherNames(of: linked, limit: Self.mostNames) }
        var files: [FoundFile] = []
        for (folder, paths) in names ?? [:] {
            guard let plan = folders[folder] else { continue }
            // A name that has changed itself is looked at already.
            let paths = paths.filter { looks[$0] == nil && $0.starts(with: plan.path) }
            for case .there(let file, _) in await look(at: paths, folder: folder).values { files.append(file) }
        }
        return files
    }
}
