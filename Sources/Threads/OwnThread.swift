import CLinux
import Glibc

/// A thread for work that blocks, outside of Swift's shared pool.
package enum OwnThread {
    /// Runs `body` on a new thread and returns when it has ended, even if the task is cancelled. Nothing can end `body`
    /// from outside, so it must end by itself.
    ///
    /// `name` is what `top -H` shows, up to 15 bytes. Throws the error of pthread_create(3).
    ///
    /// `end` opens when `body` has ended. Whoever opens it earlier leaves `body` behind. Then `body` may still run, and
    /// nobody waits for it.
    package static func run(
        named name: String,
        until end: Latch = Latch(["end"]),
        _ body: @escaping @Sendable () -> Void
    ) async throws {
        try start(named: name) {
            body()
            end.open()
        }
        await end.stay()
    }

    /// Runs `body` on a new thread and does not wait for it. Throws as ``run(named:until:_:)`` does.
    package static func start(named name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        let context = Unmanaged.passRetained(Job(name: name, body: body))
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, Self.entry, context.toOpaque())
        if failure != 0 {
            context.release()
            throw ThreadError(code: failure)
        }
        pthread_detach(thread)
    }

    /// The error when no thread could be made.
    package struct ThreadError: Error {
        /// The number as in errno(3).
        package var code: Int32
    }

    private final class Job: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private static let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        guard let context else { return nil }
        let job = Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
        _ = clinux_name_thread(String(decoding: job.name.utf8.prefix(15), as: UTF8.self))
        job.body()
        return nil
    }
}
