import Foundation
import SystemPackage
import Threads

/// The time that the machine stood still while a test measured.
///
/// A beat sleeps for a moment and forces a few bytes to the daemon's disk. The delay of late beats is the lost time.
///
/// A neighbour may take the cores, or a disk may not answer: both delay every measured time. That is no fault of the
/// daemon. A daemon that is late by itself does not delay the beat.
final class Heartbeat: Sendable {
    private static let pause = Duration.milliseconds(50)
    /// The delay that a beat may have if nothing is wrong.
    private static let usual = Duration.milliseconds(100)

    private let state = Mutex((lost: Duration.zero, isOver: false))

    /// The time lost so far.
    var lost: Duration { state.withLock { $0.lost } }

    /// Beats while `body` works. Uses its own thread, so the beat and this process's tasks do not hold each other up.
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

    /// Beats once. Returns whether another beat is to follow.
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
