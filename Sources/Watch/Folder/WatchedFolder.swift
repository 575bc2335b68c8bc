import SystemPackage

/// One watched folder, and which of its files count.
package struct WatchedFolder: Equatable, Sendable {
    /// The folder's name in events and logs.
    package var name: String
    /// Absolute. Its last component may be a symbolic link, since a person named it. No link beneath the folder is
    /// followed.
    package var path: FilePath
    /// False: only the files directly in the folder.
    package var recursive: Bool
    package var ignore: IgnoreRules
    /// The names of files that go with media files and never up. They are watched as all files are.
    package var sidecars: NamePatterns
    /// The ending of markers, which never go up. They are watched as all files are, whatever ignores their names.
    package var done: DoneSuffix?
    /// Ignored names with this beginning are sent as `hidden`. They are this program's own, for files on their way out.
    package var hiddenPrefix: String?
    /// How its changes become known.
    package var options: WatchOptions

    /// A folder with the name that its events carry.
    package init(
        name: String,
        path: FilePath,
        recursive: Bool = true,
        ignore: IgnoreRules = IgnoreRules(),
        sidecars: NamePatterns = NamePatterns(),
        done: DoneSuffix? = nil,
        hiddenPrefix: String? = nil,
        options: WatchOptions = WatchOptions()
    ) {
        self.name = name
        self.path = path
        self.recursive = recursive
        self.ignore = ignore
        self.sidecars = sidecars
        self.done = done
        self.hiddenPrefix = hiddenPrefix
        self.options = options
    }

    /// Whether a name is one of this program's own.
    func hides(_ name: BorrowedName) -> Bool {
        hiddenPrefix.map { name.hasPrefix(Array($0.utf8)) } ?? false
    }

    /// Whether a name in a directory with these rules does not count. A file that is a marker counts, whatever ignores
    /// its name. This program's own names are no markers.
    func passesOver(_ name: BorrowedName, isDirectory: Bool, by rules: DirectoryRules) -> Bool {
        if !isDirectory, isMarker(name) { return false }
        return rules.ignores(name, isDirectory: isDirectory)
    }

    private func isMarker(_ name: BorrowedName) -> Bool { done?.isMarker(name) == true && !IgnoreRules.isOwn(name) }

    /// Why a file beneath the folder does not go up.
    package enum Exclusion: Hashable, Sendable {
        /// The file is in a subdirectory, and the folder is not recursive.
        case subdirectory
        /// The file's name, or a directory's on the way to it, is ignored by this pattern.
        case ignored(FilePath.Component, IgnoreMatch)
        /// The file is a sidecar, by its name.
        case sidecar(FilePath.Component)
        /// The file is the marker of another one, by its name.
        case marker(FilePath.Component)
        /// An `.outtrayignore` on the way to the file cannot be read, for this reason. Nobody knows what it ignores.
        case undecided(FilePath, Errno, reason: String)
    }

    /// Why this path beneath the folder does not go up; nil if it counts. A directory is no sidecar and no
    /// marker.
    ///
    /// Asks no disk, unless `files` are given. Without them, `.outtrayignore` files do not count.
    package func exclusion(of path: FilePath, isDirectory: Bool = false, _ files: IgnoreFiles? = nil) -> Exclusion? {
        var relative = path
        guard relative.removePrefix(self.path) else { return nil }
        if !recursive, relative.components.count > 1 { return .subdirectory }
        if case .failure(let exclusion) = rules(at: relative, isDirectory: isDirectory, files) { return exclusion }
        guard !isDirectory, let name = relative.lastComponent else { return nil }
        return sidecars.match(name) ? .sidecar(name) : nil
    }

    /// The rules of all directories above a directory, for the names in it; or why the directory is not looked into.
    ///
    /// The directory is a path below the folder. Its own file is not taken.
    func rules(entering directory: FilePath, _ files: IgnoreFiles) -> Result<DirectoryRules, Exclusion> {
        rules(at: directory, isDirectory: true, files).map { rules in
            var rules = rules
            directory.lastComponent?.withBorrowedName { rules.enter($0) }
            return rules
        }
    }

    /// The rules for the last name of a path below the folder; or why that name, or one on the way, does not count.
    private func rules(
        at relative: FilePath,
        isDirectory: Bool,
        _ files: IgnoreFiles?
    ) -> Result<DirectoryRules, Exclusion> {
        var rules = DirectoryRules(ignore)
        var directory = FilePath()
        var names = Array(relative.components)[...]
        while let name = names.popFirst() {
            if let files { rules.take(files.file(in: directory)) }
            if let exclusion = undecided(rules) { return .failure(exclusion) }
            if names.isEmpty, !isDirectory, name.withBorrowedName(isMarker) { return .failure(.marker(name)) }
            if let match = rules.match(name, isDirectory: isDirectory || !names.isEmpty, in: path), !match.isNegated {
                return .failure(.ignored(name, match))
            }
            if names.isEmpty { break }
            name.withBorrowedName { rules.enter($0) }
            directory.append(name)
        }
        return .success(rules)
    }

    private func undecided(_ rules: DirectoryRules) -> Exclusion? {
        rules.unknown.map { directory, error in
            let file = path.pushing(directory).appending(IgnoreFile.name)
            return .undecided(file, error, reason: "\(file) cannot be read: \(IgnoreFile.words(error))")
        }
    }

    /// The pattern that takes this path although others ignore it, if a pattern with `!` decides; nil otherwise.
    package func exception(for path: FilePath, isDirectory: Bool = false, _ files: IgnoreFiles? = nil) -> IgnoreMatch? {
        var relative = path
        guard relative.removePrefix(self.path), let name = relative.lastComponent,
            case .success(let rules) = rules(at: relative, isDirectory: isDirectory, files)
        else { return nil }
        return rules.match(name, isDirectory: isDirectory, in: self.path).flatMap { $0.isNegated ? $0 : nil }
    }

    /// The same as ``exclusion(of:isDirectory:_:)``, with the files that are on the disk now. Blocks.
    package func exclusionOnDisk(of path: FilePath, isDirectory: Bool = false) -> Exclusion? {
        do throws(Errno) {
            return exclusion(of: path, isDirectory: isDirectory, try IgnoreFiles(of: self))
        } catch {
            // Nothing of the folder can go up either.
            if FileStatus.meansGone(error) { return exclusion(of: path, isDirectory: isDirectory) }
            return .undecided(self.path, error, reason: "\(self.path) cannot be looked into: \(error)")
        }
    }
}

extension IgnoreFiles {
    /// Opens the folder.
    package convenience init(of folder: WatchedFolder) throws(Errno) {
        try self.init(beneath: folder.path, ignoringCase: folder.ignore.ignoresCase)
    }
}

/// For a look at a file that finds out on the way that the file does not count.
extension WatchedFolder.Exclusion: Error, CustomStringConvertible {
    package var description: String {
        switch self {
        case .subdirectory: "the folder does not watch subdirectories"
        case .ignored(let name, let match): "the name \(FilePath(root: nil, [name])) is passed over: \(match.words)"
        case .sidecar(let name): "\(FilePath(root: nil, [name])) is a sidecar"
        case .marker(let name): "\(FilePath(root: nil, [name])) is the marker of another file"
        case .undecided(_, _, let reason): reason
        }
    }
}
