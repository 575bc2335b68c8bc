import Crypto
import SystemPackage
import Threads

/// The file system of a departing file, for one try.
struct DepartureDisk: Sendable {
    let threads: BlockingThreads
    let patience: Patience
    let root: FilePath
    /// Called when a look is given up. The look goes on without a waiter.
    let leaving: @Sendable () -> Void
    /// Called when a look that was given up has ended after all.
    let late: @Sendable () -> Void

    /// Runs `work` on the folder's threads.
    ///
    /// - Throws: The errors of `work`, ``Unanswered`` or `CancellationError`.
    func callAsFunction<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.answer(of: root, within: patience, leaving: leaving, late: late, work)
    }
}

extension DepartureDisk {
    /// Reads chunks until an empty one, and returns the digest of all.
    func digest(_ chunk: @escaping @Sendable (Int64) throws -> [UInt8]) async throws -> SHA256Digest {
        var (offset, hash) = (Int64(0), SHA256())
        while true {
            let (count, next) = try await self { [offset, hash] in
                let bytes = try chunk(offset)
                var hash = hash
                hash.update(data: bytes)
                return (bytes.count, hash)
            }
            if count == 0 { return SHA256Digest(hash) }
            hash = next
            offset += Int64(count)
        }
    }

    /// Reads a file that was found set aside. If its bytes are not those that went up, puts it back and returns that
    /// ending. Nil if they are.
    func prove(_ leftover: AsideFile) async throws -> DepartureEnding? {
        let bytes = try await digest { try leftover.file.read(at: $0, count: FileCopy.chunkLength) }
        if bytes == leftover.departure.sha256 { return nil }
        return try await self { try leftover.putBack(DepartureTrouble.otherBytes) }
    }
}
