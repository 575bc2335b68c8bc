import Crypto
import Dispatch
import Glibc
import NIOCore

/// The directory of a sandbox. Calls that block run on queues of their own, never on the shared pool.
///
/// Bytes land in `incoming/` and move to `postbreeze/` or `connectsafely/` by rename. So every file there is whole.
/// Nothing is synced: a sandbox promises nothing across a power cut.
struct Disk: Sendable {
    /// A system call failed; `code` is its errno.
    struct Failure: Error {
        let code: Int32
    }

    let directory: String
    /// The queues are serial. A concurrent queue takes its threads from Dispatch's global queue. On Linux that is the
    /// shared pool.
    private let queues = (0..<8).map { DispatchQueue(label: "outtray.sandbox.disk.\($0)") }

    /// Makes the directories. Throws ``SandboxError`` if that fails.
    init(directory: String) throws(SandboxError) {
        self.directory = directory
        for name in ["incoming", "postbreeze", "connectsafely"] {
            let code = Self.makeDirectory("\(directory)/\(name)")
            guard code == 0 else {
                let words = String(cString: strerror(code)).lowercased()
                throw SandboxError(kind: .directory, reason: "the directory \(directory) cannot be written: \(words)")
            }
        }
    }

    /// The path of a file beneath the directory.
    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Makes a new, empty file under `incoming/`.
    func incomingFile() async throws -> IncomingFile {
        let path = path("incoming/\(randomName(24))")
        return try await perform { try IncomingFile(path: path) }
    }

    /// Adds bytes to the end of a file.
    func append(_ bytes: ByteBuffer, to file: IncomingFile) async throws {
        try await perform { try bytes.withUnsafeReadableBytes { try file.append($0) } }
    }

    /// Gives a file its final name. Replaces any file of that name.
    func move(_ path: String, to destination: String) async throws {
        try await perform { guard rename(path, destination) == 0 else { throw Failure(code: errno) } }
    }

    /// Removes a file. A missing file is no error.
    func remove(_ path: String) async {
        try? await perform { _ = unlink(path) }
    }

    /// Joins files, in order, into one new file under `incoming/`, and hashes it on the way.
    func join(_ paths: [String]) async throws -> (path: String, bytes: Int64, sha256: String) {
        let whole = try await incomingFile()
        return try await perform {
            var hasher = SHA256()
            var bytes: Int64 = 0
            for path in paths {
                try IncomingFile.read(path) { block in
                    hasher.update(bufferPointer: block)
                    try whole.append(block)
                    bytes += Int64(block.count)
                }
            }
            return (whole.path, bytes, hexadecimal(hasher.finalize()))
        }
    }

    /// Makes a directory and those above it. Returns 0 if the directory is there and can be written, else the errno.
    private static func makeDirectory(_ path: String) -> Int32 {
        for end in path.indices.dropFirst() where path[end] == "/" {
            _ = mkdir(String(path[..<end]), 0o755)
        }
        if mkdir(path, 0o755) == 0 { return 0 }
        let code = errno
        guard code == EEXIST else { return code }
        return access(path, W_OK | X_OK) == 0 ? 0 : errno
    }

    private func perform<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queues[Int.random(in: queues.indices)].async { continuation.resume(with: Result { try work() }) }
        }
    }
}

/// A file that is being written. Its descriptor is closed with its last reference.
final class IncomingFile: Sendable {
    let path: String
    private let descriptor: Int32

    fileprivate init(path: String) throws {
        self.path = path
        let opened = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        if opened < 0 { throw Disk.Failure(code: errno) }
        descriptor = opened
    }

    deinit {
        close(descriptor)
    }

    fileprivate func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw Disk.Failure(code: errno)
            }
            rest = rest.dropFirst(written)
        }
    }

    /// Reads a file in blocks of 256 KiB.
    fileprivate static func read(_ path: String, block: (UnsafeRawBufferPointer) throws -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw Disk.Failure(code: errno) }
        defer { close(descriptor) }
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
            while true {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw Disk.Failure(code: errno)
                }
                if count == 0 { return }
                try block(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}

/// A random name of lower case letters and digits.
func randomName(_ length: Int) -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
    return String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices)] })
}
