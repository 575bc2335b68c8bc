import Glibc
import SystemPackage
import Threads
import Watch

/// The files that come in by drops at this moment, on disk: a start removes what a killed process left of them.
///
/// A record is durable before its file is made, and goes after it. It is a file of its own, named by chance, with the
/// path in it. Only names that a record has are removed: no other program's unfinished file is touched.
package final class DropRecords: Sendable {
    struct Record: Hashable, Sendable {
        fileprivate let file: FilePath
    }

    private let directory: FilePath
    /// Of an earlier process.
    private let leftovers: Mutex<[Record]>

    /// `directory`: where the records are, which need not be there. Looks at it, which blocks.
    package init(_ directory: FilePath) {
        self.directory = directory
        leftovers = Mutex(Self.records(in: directory))
    }

    /// `place`: the directory that the file is to lie in.
    ///
    /// - Throws: ``FileFailure`` of a path in the state directory.
    func add(_ path: FilePath, in place: FileIdentity) throws -> Record {
        if mkdir(directory.string, 0o700) != 0, errno != EEXIST {
            throw FileFailure(directory, "cannot be made", Errno(rawValue: errno))
        }
        let name = String(UInt64.random(in: .min ... .max), radix: 16)
        let record = Record(file: directory.appending(name))
        let file = try AtomicFile(record.file, mode: .ownerReadWrite)
        defer { file.discard() }
        let inode = JSON.Member("directory", .string(String(place.inode)))
        try file.write(JSON.object(ManifestKey(path).fields("path") + [inode]).json + "\n")
        try file.commit()
        return record
    }

    func remove(_ record: Record) { unlink(record.file.string) }

    /// Removes what an earlier process left. A file that cannot be removed now keeps its record for the next start.
    ///
    /// Blocks as long as the file systems do.
    package func clear() {
        for record in leftovers.withLock({ $0 }) {
            // A record that cannot be read now is read by the next start.
            guard let bytes = try? RegularFile.content(of: record.file, most: 64 << 10) else { continue }
            guard let (path, inode) = Self.content(bytes) else {
                // A record that is no record names nothing.
                remove(record)
                continue
            }
            let result = path.withPlatformString { unlink($0) }
            // A disk that is not mounted yet has neither the file nor its directory.
            if result == 0 || errno == ENOENT && Self.isDirectory(path.removingLastComponent(), inode) {
                remove(record)
            }
        }
        leftovers.withLock { $0 = [] }
    }

    private static func records(in directory: FilePath) -> [Record] {
        guard let stream = opendir(directory.string) else { return [] }
        defer { closedir(stream) }
        var records: [Record] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { records.append(Record(file: directory.appending(name))) }
        }
        return records
    }

    private static func isDirectory(_ path: FilePath, _ inode: String) -> Bool {
        (try? OpenDirectory(path).identity()).map { String($0.inode) } == inode
    }

    private static func content(_ bytes: [UInt8]) -> (path: FilePath, directory: String)? {
        guard let members = (try? JSONReader.value(of: bytes[...]))?.members, let text = members["path"]?.string,
            let path = ManifestKey.path(text, encoding: members["pathEncoding"]?.string),
            let directory = members["directory"]?.string
        else { return nil }
        return (path, directory)
    }
}
