import SystemPackage

/// What a look says of a file that is known at a path.
package enum FileAbsence: Equatable, Sendable {
    /// The file is there, or nobody can tell.
    case none
    /// The file has left.
    case gone
    /// The file system with the file is not mounted, as far as can be told. This empty directory shows in its place.
    case unmounted(FilePath)
}

/// Looks whether files have left, or only the file system that they are on.
///
/// An unmounted disk has not lost its files. What shows then is the directory that it was mounted on: empty, and on the
/// file system around. So a file counts as unmounted if the nearest directory above it is empty, and on another device
/// than the file was. The number of a device may be another one after a boot, so an emptied directory may look the same
/// then. Nothing is lost by that: the files count as left once something is in the directory.
///
/// On overlayfs a file may have another device number than its directory (Documentation/filesystems/overlayfs.rst), so
/// nothing is to be told from that.
package struct AbsenceLooks {
    private struct Directory {
        let path: FilePath
        let device: UInt64
        let isEmpty: Bool
    }

    private let root: FilePath
    /// The nearest directories that are there, by the directories that were asked for.
    private var directories: [FilePath: Directory?] = [:]

    /// For files of the folder at `root`. What is found of a directory is kept, so take a new value after a while.
    package init(beneath root: FilePath) {
        self.root = root
    }

    /// Looks for a file that was on the device. 0: nobody knows on which. Blocks.
    package mutating func look(for path: FilePath, on device: UInt64) -> FileAbsence {
        guard FileStatus.isGone(path, beneath: root) else { return .none }
        guard device != 0, let nearest = nearest(to: path.removingLastComponent()), nearest.device != device,
            nearest.isEmpty
        else { return .gone }
        return .unmounted(nearest.path)
    }

    /// The directory, or the nearest one above it that is there. Nil if that cannot be told.
    private mutating func nearest(to path: FilePath) -> Directory? {
        if let known = directories[path] { return known }
        guard path.starts(with: root) else { return nil }
        let found: Directory?
        do throws(Errno) {
            let status = path == root ? try FileStatus.following(path) : try FileStatus.of(path, beneath: root)
            if status.kind == .directory {
                found = try look(at: path, on: status.version.device)
            } else {
                found = path == root ? nil : nearest(to: path.removingLastComponent())
            }
        } catch {
            found = FileStatus.meansGone(error) && path != root ? nearest(to: path.removingLastComponent()) : nil
        }
        directories[path] = .some(found)
        return found
    }

    private func look(at path: FilePath, on device: UInt64) throws(Errno) -> Directory {
        var relative = path
        _ = relative.removePrefix(root)
        let reader = try DirectoryReader(root: root, components: Array(relative.components))
        if case .uncertain = FileSystemKind.of(reader.descriptor) {
            return Directory(path: path, device: device, isEmpty: false)
        }
        return Directory(path: path, device: device, isEmpty: try reader.next() == nil && reader.denied == 0)
    }
}
