import Glibc
import SystemPackage

/// The rules that hold for the names in one directory of a folder.
///
/// The `.outtrayignore` of the directory itself wins over those above, and these over the configuration. In each, the
/// last pattern that matches decides. A name below an ignored directory is never asked for: it is ignored too.
package struct DirectoryRules: Sendable {
    private struct Layer {
        let list: IgnoreList
        /// How many bytes of the trail lead to the list's directory.
        let start: Int
    }

    private let folder: IgnoreRules
    /// The way from the folder to the directory, with a slash behind each name.
    private var trail: [UInt8] = []
    private var layers: [Layer] = []
    /// Whether a list compares paths. If not, no path is put together.
    private var hasPaths: Bool
    /// The directory whose file cannot be read, as a path below the folder, and why. What it ignores is not known.
    package private(set) var unknown: (directory: FilePath, error: Errno)?

    /// The rules in the folder itself, without its file.
    package init(_ rules: IgnoreRules) {
        folder = rules
        hasPaths = rules.list.hasPaths
    }

    /// Goes into a directory of this name. Its own file is not taken: see ``take(_:)``.
    mutating func enter(_ name: BorrowedName) {
        trail += name.bytes
        trail.append(.slash)
    }

    /// Takes the directory's own file.
    mutating func take(_ file: IgnoreFile) {
        switch file {
        case .none: break
        case .rules(let list):
            if list.isEmpty { return }
            layers.append(Layer(list: list, start: trail.count))
            hasPaths = hasPaths || list.hasPaths
        case .unknown(let error): unknown = unknown ?? (directory, error)
        }
    }

    /// The directory, as a path below the folder.
    private var directory: FilePath { Self.path(trail[...]) }

    /// Whether a name in the directory is ignored.
    package func ignores(_ name: BorrowedName, isDirectory: Bool) -> Bool {
        if IgnoreRules.isOwn(name) { return true }
        if layers.isEmpty, folder.list.isEmpty { return IgnoreRules.ignoresByDefault(name) }
        return deciding(name, isDirectory: isDirectory).map { !$0.pattern.isNegated }
            ?? IgnoreRules.ignoresByDefault(name)
    }

    /// The pattern that decides about a name in the directory; nil if none matches. `path` is the folder's.
    package func match(_ name: FilePath.Component, isDirectory: Bool, in path: FilePath) -> IgnoreMatch? {
        name.withBorrowedName { name in
            let own = IgnoreRules.defaultPattern(ignoring: name).map { IgnoreMatch(pattern: $0, source: .builtIn) }
            if IgnoreRules.isOwn(name) { return own }
            guard let (pattern, layer) = deciding(name, isDirectory: isDirectory) else { return own }
            let source: IgnoreMatch.Source =
                if let layer {
                    .file(path.pushing(Self.path(trail[..<layer])).appending(IgnoreFile.name), line: pattern.number)
                } else {
                    .configuration(pattern.number)
                }
            return IgnoreMatch(
                pattern: String(decoding: pattern.text, as: UTF8.self),
                source: source,
                isNegated: pattern.isNegated
            )
        }
    }

    /// The pattern that decides, and where the trail of its file's directory ends; nil for the configuration.
    private func deciding(_ name: BorrowedName, isDirectory: Bool) -> (pattern: GitignorePattern, layer: Int?)? {
        guard hasPaths else { return deciding(name.bytes, name.bytes, isDirectory: isDirectory) }
        return withUnsafeTemporaryAllocation(byteCount: trail.count + name.count, alignment: 1) { path in
            path.copyBytes(from: trail)
            UnsafeMutableRawBufferPointer(rebasing: path[trail.count...]).copyBytes(from: name.bytes)
            return deciding(name.bytes, UnsafeRawBufferPointer(path), isDirectory: isDirectory)
        }
    }

    /// `path`: the path below the folder. Only the name, if no list compares paths.
    private func deciding(
        _ name: UnsafeRawBufferPointer,
        _ path: UnsafeRawBufferPointer,
        isDirectory: Bool
    ) -> (pattern: GitignorePattern, layer: Int?)? {
        for layer in layers.reversed() {
            let below = UnsafeRawBufferPointer(rebasing: path[(hasPaths ? layer.start : 0)...])
            if let pattern = layer.list.last(matching: name, below, isDirectory: isDirectory) {
                return (pattern, layer.start)
            }
        }
        return folder.list.last(matching: name, path, isDirectory: isDirectory).map { ($0, nil) }
    }

    private static func path(_ trail: ArraySlice<UInt8>) -> FilePath {
        FilePath(platformString: trail.map { CChar(bitPattern: $0) } + [0])
    }
}
