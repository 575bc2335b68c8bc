import SystemPackage

/// What a look says of a file that is known at a path.
package enum FileAbsence: Equatable, Sendable {
    /// The file is there, or nobody can tell. Whoever wants to know asks again later.
    case none
    /// The file has left.
    case gone
    /// The file system with the file is not mounted, as far as can be told. This empty directory shows in its place.
    case unmounted(FilePath)
    /// The file is not there. It was on another file system than this directory, the nearest one that is there and has
    /// something in it. It may have left, or its mount point was removed after an unmount.
    case elsewhere(FilePath)

    /// The answer where nothing else is known of the folder. `path`: the file's.
    ///
    /// Something in the file's own directory shows that nobody removed a mount point: the file has left. If that
    /// directory is not there either, the file may be on a file system that is not mounted.
    package func alone(of path: FilePath) -> FileAbsence {
        guard case .elsewhere(let directory) = self else { return self }
        return directory == path.removingLastComponent() ? .gone : .unmounted(directory)
    }
}

/// Looks whether files have left, or only the file system that they are on.
///
/// An unmounted disk has not lost its files. What shows then is the directory that it was mounted on: empty, and on the
/// file system around. So a file counts as unmounted if the nearest directory above it is empty, and on another device
/// than the file was. The number of a device may be another one after a boot, so an emptied directory may look the same
/// then. Nothing is lost by that: the files count as left once something is in the directory.
///
/// The mount point itself may be gone as well. Then the nearest directory has something in it, and the answer is
/// `elsewhere`: whoever knows more of the folder decides.
///
/// A directory that cannot be read tells nothing of a file of another device. That file has neither left nor is it
/// unmounted: the next look asks again.
///
/// The top of a mounted file system is no directory that something was unmounted from. If it is empty, its files have
/// left: the disk was emptied elsewhere, and has got another number since.
///
/// On overlayfs a file may have another device number than its directory (Documentation/filesystems/overlayfs.rst), so
/// nothing is to be told from that.
package struct AbsenceLooks {
    /// Opens a directory beneath the folder.
    typealias Opening = (_ root: FilePath, _ components: [FilePath.Component]) throws(Errno) -> DirectoryReader

    private enum Content {
        /// Empty, and not the top of a mounted file system.
        case bare
        /// The empty top of a mounted file system.
        case emptied
        case filled
        case unknown
    }

    private struct Directory {
        let path: FilePath
        /// Nil where files may have another device than their directory.
        let device: UInt64?
        let content: Content
    }

    private let root: FilePath
    private let open: Opening
    /// The nearest directories that are there, by the directories that were asked for. Nil where that cannot be told.
    private var directories: [FilePath: Directory?] = [:]

    /// For files of the folder at `root`. What is found of a directory is kept, so take a new value after a while.
    package init(beneath root: FilePath) {
        self.init(beneath: root) { (root, components) throws(Errno) in
            try DirectoryReader(root: root, components: components)
        }
    }

    /// `open` replaces the way to open a directory, for tests.
    init(beneath root: FilePath, open: @escaping Opening) {
        self.root = root
        self.open = open
    }

    /// Whether one file that was on the device has surely left, where nothing else is known of its folder. 0: nobody
    /// knows on which device. Blocks.
    package static func hasLeft(_ path: FilePath, on device: UInt64, beneath root: FilePath) -> Bool {
        var looks = AbsenceLooks(beneath: root)
        return looks.look(for: path, on: device).alone(of: path) == .gone
    }

    /// Looks for a file that was on the device. 0: nobody knows on which. Blocks.
    package mutating func look(for path: FilePath, on device: UInt64) -> FileAbsence {
        guard FileStatus.isGone(path, beneath: root) else { return .none }
        if device == 0 { return .gone }
        guard let nearest = nearest(to: path.removingLastComponent()) else { return .none }
        if nearest.device == nil || nearest.device == device { return .gone }
        return switch nearest.content {
        case .bare: .unmounted(nearest.path)
        case .emptied: .gone
        case .filled: .elsewhere(nearest.path)
        case .unknown: .none
        }
    }

    /// The directory, or the nearest one above it that is there. Nil if that cannot be told.
    private mutating func nearest(to path: FilePath) -> Directory? {
        if let known = directories[path] { return known }
        var relative = path
        guard relative.removePrefix(root) else { return nil }
        let found: Directory?
        do throws(Errno) {
            found = Self.look(at: path, try open(root, Array(relative.components)))
        } catch .permissionDenied {
            found = unreadable(path)
        } catch {
            found = FileStatus.meansGone(error) && path != root ? nearest(to: path.removingLastComponent()) : nil
        }
        directories[path] = .some(found)
        return found
    }

    /// Device and content of one open directory, whatever is mounted meanwhile.
    private static func look(at path: FilePath, _ reader: DirectoryReader) -> Directory? {
        if case .uncertain = FileSystemKind.of(reader.descriptor) {
            return Directory(path: path, device: nil, content: .unknown)
        }
        guard let device = reader.descriptor.device else { return nil }
        let content: Content
        do throws(Errno) {
            let isEmpty = try reader.next() == nil && reader.denied == 0
            content = isEmpty ? (FileStatus.isMountPoint(path) ? .emptied : .bare) : .filled
        } catch {
            content = .unknown
        }
        return Directory(path: path, device: device, content: content)
    }

    /// A directory that may not be read. Of files that were on its own device, enough is known.
    private func unreadable(_ path: FilePath) -> Directory? {
        guard let status = try? FileStatus.of(path, atOrBeneath: root), status.kind == .directory else { return nil }
        return Directory(path: path, device: status.version.device, content: .unknown)
    }
}
