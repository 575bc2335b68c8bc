import Glibc
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite struct SourceFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("file", "0123456789")
        try directory.write("sub/inner", "inner")
        try directory.link("link", to: "file")
        try directory.link("linked", to: "sub")
        try directory.link("away", to: "/etc")
        #expect(mkfifo(directory.at("pipe").string, 0o600) == 0)
        let socket = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(directory.at("socket").string.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        let path: String
        let error: SourceFileError
        var testDescription: String { path }
    }

    static let refusals = [
        Refusal(path: "link", error: .notRegular),
        Refusal(path: "linked/inner", error: .notRegular),
        Refusal(path: "away/passwd", error: .notRegular),
        Refusal(path: "pipe", error: .notRegular),
        Refusal(path: "socket", error: .notRegular),
        Refusal(path: "sub", error: .notRegular),
        Refusal(path: "../file", error: .outside),
        Refusal(path: "sub/../file", error: .outside),
        Refusal(path: "sub/../../x/file", error: .outside),
        Refusal(path: "missing", error: .missing),
        Refusal(path: "sub/missing", error: .missing),
        Refusal(path: "file/inner", error: .missing),
    ]

    /// What opening tells; nil when the file is opened.
    private func opening(_ path: FilePath, beneath root: FilePath) -> SourceFileError? {
        do throws(SourceFileError) {
            _ = try SourceFile(path, beneath: root)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: refusals)
    func `only a regular file inside the folder is opened`(refusal: Refusal) throws {
        // Not appended: a FilePath would be made of the parts as they are either way, and `..` has to arrive.
        #expect(opening(FilePath("\(directory.path)/\(refusal.path)"), beneath: directory.path) == refusal.error)
        #expect(opening(directory.at("sub/inner"), beneath: directory.path) == nil)
    }

    @Test(arguments: refusals)
    func `the walk for old kernels gives the same answers`(refusal: Refusal) throws {
        let root = try FileDescriptor.open(directory.path, .readOnly, options: .directory)
        defer { try? root.close() }

        func walking(_ path: String) -> SourceFileError? {
            do throws(SourceFileError) {
                let descriptor = try SourceFile.walk(FilePath(path), from: root)
                defer { try? descriptor.close() }
                var status = stat()
                return fstat(descriptor.rawValue, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
                    ? nil : .notRegular
            } catch {
                return error
            }
        }

        #expect(walking(refusal.path) == refusal.error)
        #expect(walking("sub/inner") == nil)
    }

    @Test func `a device is not opened`() {
        #expect(opening("/dev/null", beneath: "/dev") == .notRegular)
    }

    @Test func `a path that is not beneath the folder is refused, one that only begins alike too`() throws {
        #expect(opening("/etc/passwd", beneath: directory.path) == .outside)
        #expect(opening(directory.path, beneath: directory.path) == .outside)
        #expect(opening(FilePath(directory.path.string + "x/file"), beneath: directory.path) == .outside)
    }

    @Test(.enabled(if: !Kernel.isRoot, "root may read every file"))
    func `a file of mode 000 is denied to who is not root`() throws {
        try directory.setMode(of: "file", to: 0)

        #expect(opening(directory.at("file"), beneath: directory.path) == .denied)
    }

    @Test func `the folder itself may be a link, since a person named it`() throws {
        #expect(opening(directory.at("linked/inner"), beneath: directory.at("linked")) == nil)
    }

    @Test func `reading ends where the file ends`() throws {
        let file = try SourceFile(directory.at("file"), beneath: directory.path)

        #expect(try file.read(at: 0, count: 4) == Array("0123".utf8))
        #expect(try file.read(at: 8, count: 4) == Array("89".utf8))
        #expect(try file.read(at: 10, count: 4) == [])
        #expect(try file.read(at: 1000, count: 4) == [])
    }

    @Test func `its version is that of the path, and a write, a chmod and a removal are seen`() throws {
        let changes: [(String, () throws -> Void)] = [
            ("write", { try directory.write("file", "0123456789") }),
            ("chmod", { try directory.setMode(of: "file", to: 0o600) }),
            ("removal", { try directory.remove("file") }),
        ]
        for (name, change) in changes {
            if name == "chmod" { try directory.setMode(of: "file", to: 0o644) }
            let file = try SourceFile(directory.at("file"), beneath: directory.path)
            #expect(file.version == (try FileStatus.of(directory.at("file")).version))
            #expect(try file.isUnchanged(), "\(name)")
            Moment.pass()

            try change()

            #expect(try !file.isUnchanged(), "\(name)")
        }
    }

    @Test(.enabled(if: Kernel.givesLeases, "this file system gives no leases"))
    func `a writer is seen while it has the file open, and not after`() throws {
        let path = directory.at("file")
        let file = try SourceFile(path, beneath: directory.path)
        #expect(file.isHeldForWriting == false)

        let writer = try FileDescriptor.open(path, .readWrite)
        #expect(file.isHeldForWriting == true)
        try writer.close()
        #expect(file.isHeldForWriting == false)
    }

    @Test(.enabled(if: Kernel.givesLeases, "this file system gives no leases"))
    func `a writable mapping counts as a writer, its descriptor closed or not`() throws {
        let path = directory.at("file")
        let file = try SourceFile(path, beneath: directory.path)
        let writer = try FileDescriptor.open(path, .readWrite)
        let mapping = mmap(nil, 10, PROT_READ | PROT_WRITE, MAP_SHARED, writer.rawValue, 0)
        try #require(mapping != MAP_FAILED)
        try writer.close()

        #expect(file.isHeldForWriting == true)
        #expect(munmap(mapping, 10) == 0)
        #expect(file.isHeldForWriting == false)
    }

    @Test(.enabled(if: Kernel.givesLeases, "this file system gives no leases"))
    func `a reader is no writer`() throws {
        let file = try SourceFile(directory.at("file"), beneath: directory.path)
        let other = try FileDescriptor.open(directory.at("file"), .readOnly)
        defer { try? other.close() }

        #expect(file.isHeldForWriting == false)
    }
}
