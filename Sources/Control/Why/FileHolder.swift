import Glibc
import Pipeline
import SystemPackage
import Watch

/// A process that has a file open for writing.
package struct FileHolder: Equatable, Sendable {
    package let process: pid_t
    /// The name of its program, up to 15 bytes (`/proc/PID/comm`).
    package let name: String
    /// Whether it has the file mapped into its memory, shared and for writing, and no descriptor any more.
    package let isMapping: Bool

    package init(process: pid_t, name: String, isMapping: Bool = false) {
        self.process = process
        self.name = name
        self.isMapping = isMapping
    }
}

/// The processes that have a file open for writing, as far as `/proc` shows them.
package struct FileHolders: Equatable, Sendable {
    package let seen: [FileHolder]
    /// How many processes may not be looked into: other users'. Root may look into all.
    package let unseen: Int

    package static let none = FileHolders([])

    package init(_ seen: [FileHolder], unseen: Int = 0) {
        self.seen = seen
        self.unseen = unseen
    }

    /// Looks for the file at this path, under whatever name a process has opened it. Blocks.
    ///
    /// Processes of other machines, and of containers that this one does not see, are not in `/proc`.
    package init(of path: FilePath) {
        guard let file = FileStatus.version(ofFile: path) else {
            self.init([])
            return
        }
        var seen: [FileHolder] = []
        var unseen = 0
        for process in ProcFile.names(in: "/proc")?.compactMap({ pid_t($0) }).sorted() ?? [] {
            let place = "/proc/\(process)"
            guard let descriptors = ProcFile.names(in: "\(place)/fd") else {
                // A process that has just ended is none.
                unseen += errno == EACCES || errno == EPERM ? 1 : 0
                continue
            }
            let holds = descriptors.contains { Self.isWriter($0, of: path, file, in: place) }
            guard holds || Self.maps(file, path, "\(place)/maps") else { continue }
            let name = ProcFile.text("\(place)/comm").map { String($0.prefix { $0 != "\n" }) }
            seen.append(FileHolder(process: process, name: name ?? "?", isMapping: !holds))
        }
        self.init(seen, unseen: unseen)
    }

    /// Whether a descriptor is one of the file, for writing, by proc(5).
    ///
    /// The inode's number (since Linux 5.14) tells all but a few apart without asking their file systems, which may
    /// hang.
    private static func isWriter(_ name: String, of path: FilePath, _ file: FileVersion, in place: String) -> Bool {
        let lines = ProcFile.text("\(place)/fdinfo/\(name)")?.split(separator: "\n") ?? []
        guard let flags = value("flags:", in: lines).flatMap({ Int32($0, radix: 8) }), flags & O_ACCMODE != O_RDONLY
        else { return false }
        let link = "\(place)/fd/\(name)"
        guard let inode = value("ino:", in: lines) else { return target(of: link) == path.bytes }
        guard UInt64(inode) == file.inode else { return false }
        guard let opened = try? FileStatus.following(FilePath(link)) else { return false }
        return FileIdentity(opened.version) == FileIdentity(file)
    }

    private static func value(_ key: String, in lines: [Substring]) -> String? {
        lines.first { $0.hasPrefix(key) }.map { String($0.dropFirst(key.count).filter { !$0.isWhitespace }) }
    }

    /// Whether the list of mappings has the file, shared and for writing: `… rw-s OFFSET MAJOR:MINOR INODE … PATH`.
    ///
    /// Some file systems (btrfs, overlayfs) show another device here than stat(2) does. There the path decides.
    private static func maps(_ file: FileVersion, _ path: FilePath, _ list: String) -> Bool {
        guard let text = ProcFile.text(list, most: 1 << 24) else { return false }
        let inode = String(file.inode)
        let device = "\(hex(file.deviceNumbers.major)):\(hex(file.deviceNumbers.minor))"
        return text.split(separator: "\n").contains { line in
            let parts = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard parts.count == 6, parts[1].dropFirst().hasPrefix("w"), parts[1].hasSuffix("s"), parts[4] == inode
            else { return false }
            return parts[3] == device || Array(parts[5].utf8.drop { $0 == 32 }) == path.bytes
        }
    }

    /// At least two digits.
    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return digits.count < 2 ? "0\(digits)" : digits
    }

    /// The bytes that a link holds.
    private static func target(of link: String) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink(link, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
        }
        return length < 0 ? nil : Array(buffer.prefix(length))
    }
}
