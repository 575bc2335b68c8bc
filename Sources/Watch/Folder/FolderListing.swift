import SystemPackage

/// The files that are in a folder at this moment.
package enum FolderListing {
    /// The regular files beneath a directory of the folder, without those that the folder passes over. No symbolic link
    /// below the folder is followed. A directory that vanishes meanwhile has no files. Blocks.
    ///
    /// `enteringDirectories`: false for the files that are directly in the directory.
    ///
    /// Throws the error of a directory, or of an `.outtrayignore`, that cannot be read.
    package static func files(
        beneath directory: FilePath,
        of folder: WatchedFolder,
        enteringDirectories: Bool = true
    ) throws(Errno) -> [FilePath] {
        var relative = directory
        guard relative.removePrefix(folder.path), folder.recursive || relative.isEmpty,
            let top = try rules(entering: relative, of: folder)
        else { return [] }
        var files: [FilePath] = []
        var rest = [(Array(relative.components), top)]
        while case (let components, var rules)? = rest.popLast() {
            let reader: DirectoryReader
            do throws(Errno) {
                reader = try DirectoryReader(root: folder.path, components: components)
            } catch {
                guard FileStatus.meansGone(error) else { throw error }
                continue
            }
            rules.take(.read(in: reader.descriptor, ignoringCase: folder.ignore.ignoresCase))
            if let unknown = rules.unknown { throw unknown.error }
            while let entry = try reader.next() {
                guard let name = entry.name.component,
                    !rules.ignores(entry.name, isDirectory: entry.kind == .directory)
                else { continue }
                switch entry.kind {
                // Whoever opens a file with an error of the disk meets that error.
                case .regular where !folder.sidecars.match(name) && folder.done?.isMarker(name) != true:
                    files.append(folder.path.appending(components + [name]))
                case .directory where enteringDirectories && folder.recursive:
                    var below = rules
                    below.enter(entry.name)
                    rest.append((components + [name], below))
                case .regular, .directory, .other: break
                }
            }
        }
        return files
    }

    /// The rules above a directory. Nil if the folder does not look into it, or is not there.
    private static func rules(
        entering directory: FilePath,
        of folder: WatchedFolder
    ) throws(Errno) -> DirectoryRules? {
        let files: IgnoreFiles
        do throws(Errno) {
            files = try IgnoreFiles(of: folder)
        } catch {
            if FileStatus.meansGone(error) { return nil }
            throw error
        }
        switch folder.rules(entering: directory, files) {
        case .success(let rules): return rules
        case .failure(.undecided(_, let error, _)): throw error
        case .failure: return nil
        }
    }
}
