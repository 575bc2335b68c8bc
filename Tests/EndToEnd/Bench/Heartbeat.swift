import Foundation
import SystemPackage
import Threads

/// How long the machine stood still while a test took a measure: by what a beat came too late that sleeps for a moment and
/// forces a few bytes to the disk that the daemon works on.
///
/// A neighbour that takes the cores, or a disk that does not answer, makes late whatever a test can measure, and says
/// nothing of what it tests. A daemon that is late by itself loses the beat nothing.
final class Heartbeat: Sendable {
    private static let pause = Duration.milliseconds(50)
    /// What a beat may take longer where nothing is wrong.
    private static let usual = Duration.milliseconds(100)

    private let state = Mutex((lost: Duration.zero, isOver: false))

    /// How long it stood still so far.
    var lost: Duration { state.withLock { $0.lost } }

    /// Beats while `body` works. On a thread of its own, so that this process's tasks do not hold it up, nor it them.
    static func run<Value>(
        onDiskOf directory: FilePath,
        _ body: (Heartbeat) async throws -> Value
    ) async throws -> Value {
        let heartbeat = Heartbeat()
        let file = try FileDescriptor.open(
            directory.appending("heartbeat"),
            .writeOnly,
            options: [.create, .truncate],
            permissions: [.ownerReadWrite]
        )
        Thread.detachNewThread {
            while heartbeat.beat(on: file) {}
            try? file.close()
        }
        defer { heartbeat.state.withLock { $0.isOver = true } }
        return try await body(heartbeat)
    }

    /// Returns whether another one is to follow.
    private func beat(on file: FileDescriptor) -> Bool {
        let start = ContinuousClock.now
        Thread.sleep(forTimeInterval: Self.pause / .seconds(1))
        _ = try? file.writeAll(toAbsoluteOffset: 0, [0])
        fsync(file.rawValue)
        let late = start.duration(to: .now) - Self.pause
        return state.withLock { state in
            if late > Self.usual { state.lost += late }
            return !state.isOver
        }
    }
}
