import CLinux
import Glibc

/// A thread for work that blocks, outside of Swift's shared pool.
enum OwnThread {
    /// Runs `body` on a new thread and returns when it has ended. There is no way to end it from outside: `body` must
    /// have one.
    ///
    /// `name` is what `top -H` shows, up to 15 bytes. Throws the error of pthread_create(3).
    static func run(named name: String, _ body: @escaping @Sendable () -> Void) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let job = Job(name: name) {
                body()
                continuation.resume()
            }
            let context = Unmanaged.passRetained(job)
            var thread = pthread_t()
            let failure = pthread_create(&thread, nil, Self.start, context.toOpaque())
            if failure == 0 {
                pthread_detach(thread)
            } else {
                context.release()
                continuation.resume(throwing: ThreadError(code: failure))
            }
        }
    }

    /// No thread could be made.
    struct ThreadError: Error {
        /// As errno(3) numbers it.
        var code: Int32
    }

    private final class Job: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        guard let context else { return nil }
        let job = Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
        _ = clinux_name_thread(String(decoding: job.name.utf8.prefix(15), as: UTF8.self))
        job.body()
        return nil
    }
}
