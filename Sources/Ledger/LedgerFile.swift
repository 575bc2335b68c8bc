import Glibc
import SystemPackage

/// Prepares the ledger's file before SQLite opens it. The file then exists, is regular, and nobody else can read it.
///
/// The file holds pre-signed URLs. SQLite gives `-wal` and `-shm` the mode of the database
/// (https://www.sqlite.org/src/file/src/os_unix.c, findCreateFileMode). So the mode is set before anything is written.
enum LedgerFile {
    static let name = "outtray.db"

    /// Makes the file with mode 0600, whatever the umask. From a file that exists, takes the rights of group and
    /// others. Returns its path.
    static func prepare(in directory: FilePath) throws -> String {
        let path = directory.appending(name)
        guard let text = String(validating: path) else {
            throw LedgerError(.cannotOpen, "the path of the state directory is not UTF-8: \(directory): choose another")
        }
        guard !SwapFiles(directory: directory).isSwapping else {
            throw LedgerError.damaged(path: text, detail: "its repair was broken off")
        }
        do {
            let file = try FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: .ownerReadWrite
            )
            defer { try? file.close() }
            // The umask may have taken rights from the owner.
            guard fchmod(file.rawValue, 0o600) == 0 else { throw Errno(rawValue: errno) }
        } catch Errno.fileExists {
            try narrow(path, text)
        } catch let error as Errno {
            throw LedgerError(
                .cannotOpen,
                "\(text) cannot be made (\(error)): the directory has to be there and to belong to this user",
                cause: error
            )
        }
        return text
    }

    /// Takes the rights of group and others from the file. Works on the path: to close a descriptor of our own would
    /// drop locks that SQLite may hold on the same file in this process (fcntl(2), "Record locks").
    private static func narrow(_ path: FilePath, _ text: String) throws {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else {
            let error = Errno(rawValue: errno)
            throw LedgerError(.cannotOpen, "\(text) cannot be looked at (\(error)): check its owner", cause: error)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw LedgerError(.cannotOpen, "\(text) is not a regular file: move it aside")
        }
        guard status.st_mode & 0o077 != 0 else { return }
        guard path.withPlatformString({ chmod($0, 0o600) }) == 0 else {
            let error = Errno(rawValue: errno)
            throw LedgerError(
                .cannotOpen,
                "\(text) can be read by others and its mode cannot be changed (\(error)): give it to this user",
                cause: error
            )
        }
    }
}
