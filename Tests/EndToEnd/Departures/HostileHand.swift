import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What others may do to departing files, and to their directories and targets, at any moment: at random, and without
/// taking away anything themselves. What was ever written whole must be at the provider or on disk in the end.
struct HostileHand {
    /// One who has a file open for writing.
    private struct Writer {
        let descriptor: FileDescriptor
        let name: String
        let content: [UInt8]
    }

    /// The hard cases one by one, for the figures.
    enum Deed: String, CaseIterable {
        case newcomer, writer, directoryMoved, directoryLinked, hardLink, linkInPlace, directoryInPlace, touch, rights
        case targetTaken, mount
    }

    let bench: Bench
    let done: FilePath
    var random: SeededGenerator
    private(set) var deeds: [Deed: Int] = [:]
    /// The digests of what must not be lost, each with how it came.
    private(set) var owned: [String: String] = [:]
    private var writers: [Writer] = []
    private var mounted: [FilePath] = []
    private var number = 0

    init(bench: Bench, done: FilePath, random: SeededGenerator) {
        self.bench = bench
        self.done = done
        self.random = random
    }

    private func at(_ name: String) -> String { bench.path(name).string }

    mutating func newNumber() -> Int {
        number += 1
        return number
    }

    /// Writes a new file as its producer; returns its name.
    mutating func produce() throws -> String {
        let number = newNumber()
        let name = "inbox/sub/\(number).pdf"
        // What others put in the directory's place is theirs; a link would lead out of the folder.
        var status = stat()
        if lstat(at("inbox/sub"), &status) == 0, status.st_mode & S_IFMT == S_IFLNK { try bench.remove("inbox/sub") }
        try bench.makeDirectory("inbox/sub")
        let content = Media.pdf(number)
        try bench.write(content, to: name)
        own(content, "produced as \(name)")
        return name
    }

    /// Does one thing to a file that departs, or none.
    mutating func act(on name: String) throws {
        guard Int.random(in: 0..<3, using: &random) > 0, let deed = Deed.allCases.randomElement(using: &random) else {
            return
        }
        if try perform(deed, on: name) { deeds[deed, default: 0] += 1 }
        if Int.random(in: 0..<3, using: &random) == 0 { try letGo() }
    }

    private mutating func perform(_ deed: Deed, on name: String) throws -> Bool {
        let number = newNumber()
        // What is written on a file system that goes again is lost by that, and by nobody else.
        if !mounted.isEmpty, [.newcomer, .writer, .mount].contains(deed) { return false }
        switch deed {
        case .newcomer: return try bringNewcomer(to: name, number)
        case .writer: return try openWriter(of: name)
        case .directoryMoved:
            return rename(at("inbox/sub"), at("archive/\(number)")) == 0
        case .directoryLinked:
            guard rename(at("inbox/sub"), at("archive/\(number)")) == 0 else { return false }
            return symlink(at("archive/\(number)"), at("inbox/sub")) == 0
        case .hardLink: return link(at(name), at("inbox/\(number).pdf")) == 0
        case .linkInPlace:
            guard rename(at(name), at("inbox/\(number).pdf")) == 0 else { return false }
            return symlink(at("inbox/\(number).pdf"), at(name)) == 0
        case .directoryInPlace:
            guard rename(at(name), at("inbox/\(number).pdf")) == 0 else { return false }
            return mkdir(at(name), 0o755) == 0
        case .touch: return utimensat(AT_FDCWD, at(name), nil, AT_SYMLINK_NOFOLLOW) == 0
        case .rights: return chmod(at(name), 0o640) == 0
        case .targetTaken: return try takeTarget(of: name, number)
        case .mount: return mount(number)
        }
    }

    /// Another file under the name, in place of one whose bytes are at the provider, or of none.
    private mutating func bringNewcomer(to name: String, _ number: Int) throws -> Bool {
        if let there = regularContent(name), !bench.stored.contains(Media.sha256(there)) { return false }
        // What a writer has not written yet would go with the file that is replaced.
        guard writers.isEmpty else { return false }
        let content = Media.pdf(number)
        try bench.write(content, to: "new.pdf")
        guard rename(at("new.pdf"), at(name)) == 0 else { return false }
        own(content, "newcomer \(number) as \(name)")
        return true
    }

    private mutating func openWriter(of name: String) throws -> Bool {
        let opened = open(at(name), O_RDWR | O_APPEND | O_NOFOLLOW)
        guard opened >= 0 else { return false }
        let descriptor = FileDescriptor(rawValue: opened)
        // Two who write to one file would each not know the other's bytes.
        guard writers.isEmpty, let content = regularContent(name) else {
            try descriptor.close()
            return false
        }
        writers.append(Writer(descriptor: descriptor, name: name, content: content))
        return true
    }

    /// Writers write what they have left, and close.
    mutating func letGo() throws {
        for writer in writers {
            let more = Array("%\(newNumber())\n".utf8)
            try writer.descriptor.writeAll(more)
            try writer.descriptor.close()
            // What it was before is in it.
            if !bench.stored.contains(Media.sha256(writer.content)) { owned[Media.sha256(writer.content)] = nil }
            own(writer.content + more, "written on to \(writer.name)")
        }
        writers = []
        for path in mounted { _ = umount2(path.string, Int32(MNT_DETACH)) }
        mounted = []
    }

    private mutating func takeTarget(of name: String, _ number: Int) throws -> Bool {
        let directory = done.appending("sub")
        try? FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        guard let last = FilePath(name).lastComponent else { return false }
        let opened = open(directory.appending(last).string, O_WRONLY | O_CREAT | O_EXCL, 0o644)
        guard opened >= 0 else { return false }
        let content = Media.pdf(number)
        let file = FileDescriptor(rawValue: opened)
        try file.closeAfter { _ = try file.writeAll(content) }
        own(content, "target \(number) in the way of \(name)")
        return true
    }

    /// An empty file system over the directory, where this user may mount one.
    private mutating func mount(_ number: Int) -> Bool {
        let place = bench.path("inbox/sub")
        var status = stat()
        guard lstat(place.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
            Glibc.mount("tmpfs", place.string, "tmpfs", 0, "size=1m") == 0
        else { return false }
        mounted.append(place)
        return true
    }

    private func regularContent(_ name: String) -> [UInt8]? {
        var status = stat()
        guard lstat(at(name), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return try? bench.read(bench.path(name))
    }

    private mutating func own(_ content: [UInt8], _ origin: String) { owned[Media.sha256(content)] = origin }

    /// What is neither at the provider nor on disk: how it came.
    func lost() throws -> [String] {
        var missing = owned.filter { !bench.stored.contains($0.key) }
        if missing.isEmpty { return [] }
        for root in [bench.path("inbox"), bench.path("archive"), done] {
            for name in try FileManager.default.subpathsOfDirectory(atPath: root.string) {
                let path = root.pushing(FilePath(name))
                var status = stat()
                guard lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
                missing[Media.sha256(try bench.read(path))] = nil
            }
        }
        return missing.values.sorted()
    }
}
