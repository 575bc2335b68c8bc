import Crypto
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct FileReaderTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func reader(_ content: [UInt8]) throws -> FileReader {
        let path = try directory.write("file", content)
        let disk = SourceDisks().disk(of: try directory.media("file"))
        return FileReader(UploadSource(try SourceFile(path, beneath: directory.path), on: disk))
    }

    @Test(arguments: [1, FileReader.chunkLength - 1, FileReader.chunkLength, FileReader.chunkLength * 3 + 17])
    func `the chunks are the file, and the digest is that of the whole`(length: Int) async throws {
        let content = bytes(length)
        let reader = try reader(content)
        var read: [UInt8] = []

        while let chunk = try await reader.next(before: Int64(length)) {
            #expect(chunk.count <= FileReader.chunkLength)
            read += chunk.bytes
        }

        #expect(read == content)
        #expect(reader.digest().bytes == Array(SHA256.hash(data: content)))
    }

    @Test func `what is skipped is hashed too, and an end within a chunk is kept to`() async throws {
        let content = bytes(FileReader.chunkLength + 100)
        let reader = try reader(content)

        try await reader.hash(to: 33)
        #expect(try await reader.next(before: 40)?.bytes == Array(content[33..<40]))
        #expect(try await reader.next(before: 40) == nil)
        try await reader.hash(to: Int64(content.count))

        #expect(reader.digest().bytes == Array(SHA256.hash(data: content)))
    }

    @Test func `a file that is shorter than it should be is an error, not a short answer`() async throws {
        let reader = try reader(bytes(100))

        await #expect(throws: SourceFileError.truncated) { try await reader.next(before: 101) }
    }

    @Test func `a file that is written to between two chunks is not read on`() async throws {
        let length = FileReader.mostAhead + 1
        let reader = try reader(bytes(length))
        let end = Int64(length)

        #expect(try await reader.next(before: end) != nil)
        try directory.write("file", bytes(length, seed: 1))
        #expect(try await reader.next(before: end) != nil, "it was read before that")

        await #expect(throws: SourceFileError.changed) { try await reader.next(before: end) }
    }

    @Test(.enabled(if: Kernel.givesLeases, "this file system gives no leases"))
    func `a file that is touched between two chunks is read on, but not for ever`() async throws {
        let content = bytes(4 * FileReader.mostAhead + 1)
        let reader = try reader(content)
        let end = Int64(content.count)

        for reads in 1...4 {
            while reader.offset < reads * FileReader.mostAhead { #expect(try await reader.next(before: end) != nil) }
            #expect(reader.digest().bytes == Array(SHA256.hash(data: content.prefix(Int(reader.offset)))))
            touch(directory.at("file"))
        }

        await #expect(throws: SourceFileError.changed) { try await reader.next(before: end) }
    }

    @Test func `a file that is touched while a writer has it open is not read on`() async throws {
        let reader = try reader(bytes(FileReader.mostAhead + 1))
        let end = Int64(FileReader.mostAhead + 1)
        while reader.offset < FileReader.mostAhead { #expect(try await reader.next(before: end) != nil) }
        let writer = try FileDescriptor.open(directory.at("file"), .writeOnly)
        defer { try? writer.close() }

        touch(directory.at("file"))

        await #expect(throws: SourceFileError.changed) { try await reader.next(before: end) }
    }

    @Test func `what goes out next is read ahead, but no more of it than may lie in memory`() async throws {
        let length = 3 * FileReader.mostAhead
        let content = bytes(length)
        let reader = try reader(content)

        try await reader.ahead {
            #expect(try await reader.next(before: Int64(length)) != nil)
            let ahead = FileReader.chunkLength + FileReader.mostAhead
            let digest = Array(SHA256.hash(data: content.prefix(ahead)))
            try await untilSo { reader.digest().bytes == digest }
            try directory.write("file", bytes(length, seed: 1))

            var read: [UInt8] = []
            while reader.offset < ahead { read += try await reader.next(before: Int64(length))?.bytes ?? [] }
            #expect(read == Array(content[FileReader.chunkLength..<ahead]))
            await #expect(throws: SourceFileError.changed) { try await reader.next(before: Int64(length)) }
        }
    }

    @Test func `nothing is read ahead beyond what was asked for`() async throws {
        let content = bytes(FileReader.chunkLength)
        let reader = try reader(content)

        try await reader.ahead {
            #expect(try await reader.next(before: 10)?.bytes == Array(content[..<10]))
            try directory.write("file", bytes(content.count, seed: 1))

            await #expect(throws: SourceFileError.changed) { try await reader.next(before: 20) }
        }
    }

    @Test func `a caller that stops waiting takes nothing from the next one`() async throws {
        let content = bytes(5 * FileReader.chunkLength)
        let reader = try reader(content)

        try await reader.ahead {
            await withTaskGroup { group in
                for _ in 0..<3 {
                    group.addTask { _ = try? await reader.next(before: Int64(content.count)) }
                    group.cancelAll()
                    await group.next()
                }
            }
            try await reader.hash(to: Int64(content.count))
        }

        #expect(reader.digest().bytes == Array(SHA256.hash(data: content)))
    }

    @Test func `a digest is written in 64 lower-case digits`() {
        let digest = SHA256Digest(bytes: [0x00, 0x0A, 0xFF] + Array(repeating: 0x10, count: 29))

        #expect(digest.hex == "000aff" + String(repeating: "10", count: 29))
    }
}
