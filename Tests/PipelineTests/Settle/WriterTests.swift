import CLinux
import Glibc
import Ledger
import SystemPackage
import TestSupport
import Testing
import Threads
import Watch

@testable import Pipeline

/// Writers of all kinds, in a folder with all stages from Watch to the ledger: what goes up is what they leave behind.
@Suite(.timeLimit(.minutes(5))) struct WriterTests {
    /// A way to write `a.jpg`.
    struct Writer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Whole files that it leaves closed for longer than `settle`. No rule tells them from its last one.
        let pauses: [[UInt8]]
        let last: [UInt8]
        let write: @Sendable (Place) async throws -> Void

        init(
            _ name: String,
            pauses: [[UInt8]] = [],
            last: [UInt8],
            _ write: @escaping @Sendable (Place) async throws -> Void
        ) {
            testDescription = name
            self.pauses = pauses
            self.last = last
            self.write = write
        }
    }

    @Test(arguments: Writer.all)
    func `what a writer leaves behind goes up once, and nothing that it was not done with`(_ writer: Writer)
        async throws
    {
        let place = try Place()

        try await place.run {
            try await writer.write(place)
            try await place.shows(writer.last)
            try await place.rest()
            try await place.shows(writer.last)
        }

        let sent = place.sent
        #expect(Set(sent) == Set(writer.pauses + [writer.last]), "other bytes went up")
        #expect(sent.count == Set(sent).count, "bytes went up twice")
    }

    @Test(.enabled(if: Place.clones, "this file system makes no clones"))
    func `a clone goes up as what it is, and again when it is written to`() async throws {
        let place = try Place()

        try await place.run {
            try place.clone(picture(1))
            try await place.shows(picture(1))
            try place.overwrite(picture(2))
            try await place.shows(picture(2))
        }

        #expect(place.sent == [picture(1), picture(2)])
    }

    /// What happens to a file while its bytes go out.
    enum Change: String, CaseIterable, Sendable {
        case replaced, truncated, appended, exchanged
    }

    @Test(arguments: Change.allCases)
    func `a file that changes while it goes up counts as it is afterwards`(_ change: Change) async throws {
        let place = try Place()
        let last = change == .appended ? picture(1) + [0] : change == .truncated ? picture(2, size: 10) : picture(2)
        place.provider.script {
            $0.sends.append { piece, _ in
                switch change {
                case .replaced:
                    let other = try place.files.write("other.tmp", last)
                    guard rename(other.string, place.path.string) == 0 else { throw Errno(rawValue: errno) }
                case .truncated: try place.overwrite(last)
                case .appended:
                    let file = try FileDescriptor.open(place.path, .writeOnly, options: .append)
                    try file.closeAfter { _ = try file.writeAll([0]) }
                case .exchanged:
                    let other = try place.files.write("other.tmp", last)
                    guard clinux_exchange(other.string, place.path.string) == 0 else { throw Errno(rawValue: errno) }
                }
                return ScriptedProvider.answer(to: piece)
            }
        }

        try await place.run {
            try place.files.write("a.jpg", picture(1))
            try await place.shows(last)
        }

        // A file that another one replaces stays whole. Its bytes may count before the other's do.
        let mayCount = change == .replaced || change == .exchanged ? 1...2 : 1...1
        #expect(mayCount.contains(place.uploads), "what had changed counted")
        #expect(place.sent == [picture(1), last])
    }
}

/// A JPEG that differs from others with `number`.
private func picture(_ number: UInt8, size: Int = 9000) -> [UInt8] {
    MediaBytes.jpeg(
        MediaBytes.segment(0xFE, [number]),
        scan: MediaBytes.noise(size).map { $0 ^ number } + [0xFF, 0xD9]
    )
}

extension WriterTests.Writer {
    static let all = closing + holding + naming

    /// They have the file closed at times.
    private static let closing = [
        Self("written in one go", last: picture(1)) { try $0.overwrite(picture(1)) },
        Self("opened again after a pause, as by a scanner", pauses: [picture(1)], last: picture(2)) { place in
            try place.overwrite(picture(1))
            try await place.rest()
            try place.overwrite(picture(2))
        },
        Self("gone on with after a pause, as by scp", last: picture(1)) { place in
            try place.overwrite(Array(picture(1).prefix(4000)))
            try await place.rest()
            let file = try FileDescriptor.open(place.path, .writeOnly, options: .append)
            try file.closeAfter { _ = try file.writeAll(picture(1).dropFirst(4000)) }
        },
        Self("preallocated, closed, and filled after a pause", last: picture(1)) { place in
            try place.overwrite(Array(repeating: 0, count: picture(1).count))
            try await place.rest()
            let file = try FileDescriptor.open(place.path, .writeOnly)
            try file.closeAfter { _ = try file.writeAll(picture(1)) }
        },
        Self("given other rights and times, again and again", last: picture(1)) { place in
            try place.overwrite(picture(1))
            for _ in 0..<2 {
                for number in 0..<100 {
                    try place.check(chmod(place.path.string, number % 2 == 0 ? 0o600 : 0o640))
                    try place.check(utimensat(AT_FDCWD, place.path.string, nil, 0))
                    await Task.yield()
                }
                try await place.rest()
            }
        },
    ]

    /// They hold it open, or mapped, for longer than it has to rest.
    private static let holding = [
        Self("held open without a write", last: picture(1)) { place in
            try await place.holding { file in
                _ = try file.writeAll(picture(1))
                try await place.rest()
                try await place.rest()
            }
        },
        Self("its head written last, as by ffmpeg -movflags +faststart", last: picture(1)) { place in
            try await place.holding { file in
                // Whole, but for the number in its head.
                _ = try file.writeAll(picture(2).prefix(500) + picture(1).dropFirst(500))
                try await place.rest()
                _ = try file.writeAll(toAbsoluteOffset: 0, picture(1).prefix(500))
            }
        },
        Self("preallocated, and filled after a pause", last: picture(1)) { place in
            try await place.holding { file in
                let count = picture(1).count
                try place.check(posix_fallocate(file.rawValue, 0, off_t(count)))
                try await place.rest()
                _ = try file.writeAll(picture(1))
            }
        },
        Self("sparse, its end first", last: picture(1)) { place in
            try await place.holding { file in
                _ = try file.writeAll(toAbsoluteOffset: 5000, picture(1).dropFirst(5000))
                try await place.rest()
                _ = try file.writeAll(toAbsoluteOffset: 0, picture(1).prefix(5000))
            }
        },
        Self("written through a mapping, its descriptor closed", last: picture(1)) { try await $0.map(syncs: false) },
        Self("written through a mapping, its descriptor closed, with msync", last: picture(1)) {
            try await $0.map(syncs: true)
        },
    ]

    /// They play with names.
    private static let naming = [
        Self("another file renamed over it, as by exiftool", pauses: [picture(1)], last: picture(2)) { place in
            try place.overwrite(picture(1))
            try await place.rest()
            let other = try place.files.write("a.jpg_exiftool_tmp", picture(2))
            try place.check(rename(other.string, place.path.string))
        },
        Self("exchanged with another file", pauses: [picture(1)], last: picture(2)) { place in
            try place.overwrite(picture(1))
            let other = try place.files.write("b.jpg", picture(2))
            try await place.shows(picture(1))
            try await place.shows(picture(2), at: other)
            try place.check(clinux_exchange(other.string, place.path.string))
            try await place.shows(picture(1), at: other)
        },
        Self("written under another of its names", pauses: [picture(1)], last: picture(2)) { place in
            try place.overwrite(picture(1))
            try place.files.hardLink("b.jpg", to: "a.jpg")
            let other = place.files.at("b.jpg")
            try await place.shows(picture(1), at: other)
            try await place.shows(picture(1))
            try place.overwrite(picture(2), at: other)
            try await place.shows(picture(2), at: other)
        },
        Self("made without a name, and linked to its own when it is whole", last: picture(1)) { place in
            // O_TMPFILE, which has O_DIRECTORY in it.
            let file = open(place.files.path.string, O_WRONLY | 0o20_200_000, 0o600)
            guard file >= 0 else {
                // A file system without such files: the usual way, so that the rest of the test holds.
                return try place.overwrite(picture(1))
            }
            let descriptor = FileDescriptor(rawValue: file)
            try descriptor.closeAfter {
                _ = try descriptor.writeAll(picture(1))
                try place.check(
                    linkat(AT_FDCWD, "/proc/self/fd/\(file)", AT_FDCWD, place.path.string, AT_SYMLINK_FOLLOW)
                )
            }
        },
    ]
}

/// A folder that a pipeline watches, and what went up of it.
final class Place: Sendable {
    let files: TemporaryDirectory
    let provider = ScriptedProvider()
    private let ledger: SQLiteLedger
    private let manifest: TemporaryDirectory
    private let events = RecordedEvents()
    /// Files that show that time has passed: how many there are.
    private let rests = Mutex(0)

    init() throws {
        files = try TemporaryDirectory()
        manifest = try TemporaryDirectory()
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    var path: FilePath { files.at("a.jpg") }

    /// The bytes that went up, without those of ``rest()``.
    var sent: [[UInt8]] { provider.record.sent.map(\.bytes).filter { $0.count != Self.rest(0).count } }

    /// How many uploads count, without those of ``rest()``.
    var uploads: Int {
        events.all.count { if case .uploaded(let file, _) = $0 { file.size != Self.rest(0).count } else { false } }
    }

    /// Runs the pipeline while `body` works.
    func run(_ body: () async throws -> Void) async throws {
        let plan = PipelinePlan(
            folders: [files.plan(settle: .milliseconds(150), renamed: .milliseconds(20))],
            accounts: [.scripted(provider: provider)],
            manifest: .at(manifest)
        )
        let pipeline = Pipeline(plan, ledger: ledger, logger: quiet, observer: events.observer)
        try await pipeline.running(body)
    }

    /// Returns when a file that comes now has settled and is up, and one more after that. So a file that is quiet
    /// since before has been looked at.
    func rest() async throws {
        for _ in 0..<2 {
            let number = rests.withLock { count in
                count += 1
                return count
            }
            try files.write("rest-\(number).jpg", Self.rest(UInt8(number)))
            try await events.event { event in
                if case .uploaded(let file, _) = event { file.uploadName == "rest-\(number).jpg" } else { false }
            }
        }
    }

    private static func rest(_ number: UInt8) -> [UInt8] { MediaBytes.jpeg(MediaBytes.segment(0xFE, [number, 0])) }

    /// Returns when the path's entry shows these bytes.
    func shows(_ bytes: [UInt8], at path: FilePath? = nil) async throws {
        let digest = SHA256Digest(of: bytes)
        while true {
            try Task.checkCancellation()
            if case .entry(let entry)? = try await ledger.row(of: path ?? self.path)?.content, entry.sha256 == digest,
                entry.present
            {
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Writes all anew into the same file.
    func overwrite(_ bytes: [UInt8], at path: FilePath? = nil) throws {
        let file = try FileDescriptor.open(
            path ?? self.path,
            .writeOnly,
            options: [.create, .truncate],
            permissions: .ownerReadWrite
        )
        try file.closeAfter { _ = try file.writeAll(bytes) }
    }

    /// Has the file open for writing while `body` works.
    func holding(_ body: (FileDescriptor) async throws -> Void) async throws {
        let file = try FileDescriptor.open(path, .readWrite, options: .create, permissions: .ownerReadWrite)
        do {
            try await body(file)
        } catch {
            try? file.close()
            throw error
        }
        try file.close()
    }

    /// Writes through a mapping, in two parts with a pause between them, with the descriptor closed before.
    func map(syncs: Bool) async throws {
        let whole = picture(1)
        let file = try FileDescriptor.open(path, .readWrite, options: .create, permissions: .ownerReadWrite)
        let mapped = try file.closeAfter {
            try file.resize(to: Int64(whole.count))
            return UInt(bitPattern: mmap(nil, whole.count, PROT_READ | PROT_WRITE, MAP_SHARED, file.rawValue, 0))
        }
        guard mapped != UInt.max else { throw Errno.noMemory }
        func fill(_ range: Range<Int>) {
            guard let memory = UnsafeMutableRawPointer(bitPattern: mapped) else { return }
            for place in range { memory.storeBytes(of: whole[place], toByteOffset: place, as: UInt8.self) }
        }
        // No reader can tell what is missing: it is within the picture.
        fill(0..<5000)
        fill(8000..<whole.count)
        if syncs { try check(msync(UnsafeMutableRawPointer(bitPattern: mapped), whole.count, MS_SYNC)) }
        try await rest()
        fill(5000..<8000)
        try check(munmap(UnsafeMutableRawPointer(bitPattern: mapped), whole.count))
    }

    func check(_ result: Int32) throws {
        if result != 0 { throw Errno(rawValue: errno) }
    }

    /// FICLONE of ioctl_ficlonerange(2).
    private static func clone(_ origin: FilePath, to path: FilePath) throws {
        let from = try FileDescriptor.open(origin, .readOnly)
        defer { try? from.close() }
        let to = try FileDescriptor.open(path, .writeOnly, options: .create, permissions: .ownerReadWrite)
        defer { try? to.close() }
        guard ioctl(to.rawValue, 0x4004_9409, from.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Makes the file as a clone of one outside of the folder.
    func clone(_ bytes: [UInt8]) throws { try Self.clone(try manifest.write("origin.jpg", bytes), to: path) }

    /// Whether the file system of temporary files makes clones.
    static let clones: Bool = {
        guard let directory = try? TemporaryDirectory(), let origin = try? directory.write("a", "a") else {
            return false
        }
        return (try? clone(origin, to: directory.at("b"))) != nil
    }()
}
