import CLinux
import Glibc
import SystemPackage

/// What a directory's `.outtrayignore` says.
package enum IgnoreFile: Equatable, Sendable {
    /// There is no such file.
    case none
    case rules(IgnoreList)
    /// The file is there and cannot be read, so nobody knows what it ignores.
    case unknown(Errno)

    /// The file's name, the same in each directory.
    package static let name: FilePath.Component = ".outtrayignore"

    /// 64 KiB. A larger file is not read.
    package static let longest = 64 << 10

    /// A file with more patterns does not count. Each name of the directory and below may be compared with all.
    package static let mostPatterns = 1000

    /// Reads the file of an open directory. Blocks.
    static func read(in directory: FileDescriptor, ignoringCase: Bool) -> IgnoreFile {
        read(opened: fileName.withPlatformString { openat(directory.rawValue, $0, flags) }, errno, ignoringCase)
    }

    /// Reads the file of a directory beneath the open `root`, whose path is `rootPath`. Follows no link on the way.
    /// Blocks.
    ///
    /// Where something other than a directory is on the way, there is no such file.
    static func read(
        beneath root: FileDescriptor,
        at rootPath: FilePath,
        _ directory: FilePath,
        ignoringCase: Bool
    ) -> IgnoreFile {
        if directory.isEmpty { return read(in: root, ignoringCase: ignoringCase) }
        let path = directory.appending(name)
        let opened = path.withPlatformString { clinux_open_beneath(root.rawValue, $0, UInt64(flags)) }
        let failure = errno
        if opened < 0, failure == ELOOP, !isThere(directory, beneath: root) { return .none }
        guard opened < 0, [ENOSYS, EPERM, ENAMETOOLONG].contains(failure) else {
            return read(opened: opened, failure, ignoringCase)
        }
        // Old kernels lack openat2(2); some container sandboxes refuse it. It takes no path of more than 4,095 bytes.
        do throws(Errno) {
            let reader = try DirectoryReader(root: rootPath, components: Array(directory.components))
            return read(in: reader.descriptor, ignoringCase: ignoringCase)
        } catch {
            // Step by step, only a single name can be too long. No directory has such a name.
            return FileStatus.meansGone(error) || error == .fileNameTooLong ? .none : .unknown(error)
        }
    }

    /// Whether there is such a directory beneath an open one, with no link on the way.
    private static func isThere(_ directory: FilePath, beneath root: FileDescriptor) -> Bool {
        let flags = UInt64(CLINUX_O_PATH) | UInt64(O_DIRECTORY) | UInt64(O_CLOEXEC)
        let opened = directory.withPlatformString { clinux_open_beneath(root.rawValue, $0, flags) }
        if opened >= 0 { close(opened) }
        return opened >= 0
    }

    private static let fileName = FilePath(root: nil, [name])
    private static let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY

    /// A link, a directory or a pipe in the file's place counts as unknown: somebody wanted something ignored.
    private static func read(opened raw: Int32, _ failure: Int32, _ ignoresCase: Bool) -> IgnoreFile {
        guard raw >= 0 else {
            let error = Errno(rawValue: failure)
            if error == .noSuchFileOrDirectory || error == .notDirectory { return .none }
            // A socket cannot be opened (open(2), ENXIO).
            return .unknown(error == .noSuchAddressOrDevice ? .invalidArgument : error)
        }
        let file = FileDescriptor(rawValue: raw)
        defer { try? file.close() }
        var status = stat()
        guard fstat(raw, &status) == 0 else { return .unknown(Errno(rawValue: errno)) }
        guard FileStatus.Kind(mode: status.st_mode) == .regular else { return .unknown(.invalidArgument) }
        do {
            let bytes = try file.readAll(most: longest + 1)
            if bytes.count > longest { return .unknown(.fileTooLarge) }
            let list = IgnoreList(file: bytes, ignoringCase: ignoresCase)
            return list.count > mostPatterns ? .unknown(.argListTooLong) : .rules(list)
        } catch {
            return .unknown(error as? Errno ?? .ioError)
        }
    }

    /// Why a file is unknown, for people.
    package static func words(_ error: Errno) -> String {
        switch error {
        case .fileTooLarge: "it is larger than 64 KiB"
        case .argListTooLong: "it has more than 1,000 patterns"
        case .invalidArgument: "it is no regular file"
        case .tooManySymbolicLinkLevels: "it is a symbolic link, and none is followed"
        default: error.description
        }
    }

    /// Whether the error lasts until the file itself changes, which is an event.
    static func isOfFile(_ error: Errno) -> Bool {
        [.fileTooLarge, .argListTooLong, .invalidArgument, .tooManySymbolicLinkLevels, .permissionDenied]
            .contains(error)
    }
}
