import SystemPackage

/// The files that are in a folder at this moment.
package enum FolderListing {
    /// The regular files beneath a directory of the folder, without those that the folder passes over. No symbolic link
    /// below the folder is followed. A directory that vanishes meanwhile has no files. Blocks.
    ///
    /// `enteringDirectories`: false for the files that are directly in the directory.
    package static func files(
        beneath directory: FilePath,
        of folder: WatchedFolder,
        enteringDirectories: Bool = true
    ) throws(Errno) -> [FilePath] {
        var relative = directory
        guard relative.removePrefix(folder.path) else { return [] }
        var files: [FilePath] = []
        var rest = [Array(relative.components)]
        while let components = rest.popLast() {
            let reader: DirectoryReader
            do throws(Errno) {
                reader = try DirectoryReader(root: folder.path, components: components)
            } catch {
                guard FileStatus.meansGone(error) else { throw error }
                continue
            }
            while let entry = try reader.next() {
                guard let name = entry.name.component else { continue }
                let path = folder.path.appending(components + [name])
                guard folder.exclusion(of: path, isDirectory: entry.kind == .directory) == nil else { continue }
                switch entry.kind {
                case .regular: files.append(path)
                case .directory where !enteringDirectories: break
                case .directory: rest.append(components + [name])
                case .other: break
                }
            }
        }
        return files
    }
}
