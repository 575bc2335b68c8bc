import SystemPackage
import Threads
import Watch

extension Settler {
    /// How many names of one file are looked up when it changes. The next scan looks at all.
    private static var mostNames: Int { 256 }

    /// Notes the other names of changed files that have several, where the ledger knows them.
    ///
    /// The kernel tells a change under the one name by which it was made (inotify(7), "hard links").
    func noteOtherNames(of looks: [FilePath: FileLook]) async {
        var linked: [FileIdentity: FoundFile] = [:]
        for case .there(let file, let names) in looks.values where names > 1 {
            linked[FileIdentity(file.version)] = file
        }
        if linked.isEmpty { return }
        let files = Array(linked.values)
        // At the end of the service some names are not looked up. The next start finds them again.
        let found = try? await bookkeeping.durably { try await queue.otherNames(of: files, limit: Self.mostNames) }
        for (folder, paths) in found ?? [:] where folders[folder] != nil {
            // A name that has changed itself is looked at already.
            let others = paths.filter { looks[$0] == nil }
            if !others.isEmpty { otherNames[folder, default: []].formUnion(others) }
        }
        bell.ring()
    }

    /// Takes the names that were noted, of folders of which none are being looked at. The caller must look at each.
    ///
    /// Another folder's disk may hang: that must hold up nothing here.
    func takeOtherNames() -> [String: [FilePath]] {
        let taken = otherNames.filter { !foldersWithNames.contains($0.key) }
        for folder in taken.keys {
            otherNames[folder] = nil
            foldersWithNames.insert(folder)
        }
        return taken.mapValues(Array.init)
    }

    /// Looks at names as at changed files.
    ///
    /// Their other names are not noted again. The ledger hears of a file's next version only when it has settled. Until
    /// then two names would lead to each other for ever, and each look would begin their quiet time anew.
    func look(at names: [FilePath], in folder: String) async {
        await handle(names.map { .changed($0, folder: folder, renamed: false) }, isOfEvents: false)
        foldersWithNames.remove(folder)
        bell.ring()
    }
}
