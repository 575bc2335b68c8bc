import Glibc
import SystemPackage
import Threads

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

    /// - Throws: ``FileFailure``, or an `Errno`.
    func add(_ path: FilePath) throws -> Record {
        if mkdir(directory.string, 0o700) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
        let name = String(UInt64.random(in: .min ... .max), radix: 16)
        let record = Record(file: directory.appending(name))
        let file = try AtomicFile(record.file, mode: .ownerReadWrite)
        defer { file.discard() }
        try file.write(JSON.object(ManifestKey(path).fields("path")).json + "\n")
        try file.commit()
        return record
    }

    func remove(_ record: Record) { unlink(record.file.string) }

    /// Removes what an earlier process left. A file that cannot be removed now keeps its record for the next start.
    ///
    /// Blocks as long as the file systems do.
    package func clear() {
        for record in leftovers.withLock({ $0 }) {
            guard let path = Self.path(in: record) else {
                // A record that is no record names nothing.
                remove(record)
                continue
            }
            let result = path.withPlatformString { unlink($0) }
            if result == 0 || [ENOENT, ENOTDIR].contains(errno) { remove(record) }
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

    private static func path(in record: Record) -> FilePath? {
        guard let bytes = try? RegularFile.content(of: record.file, most: 64 << 10),
            let members = (try? JSONReader.value(of: bytes[...]))?.members, let text = members["path"]?.string
        else { return nil }
        return ManifestKey.path(text, encoding: members["pathEncoding"]?.string)
    }
}
