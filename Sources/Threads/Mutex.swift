#if SANITIZE
    import Glibc

    /// The standard library's `Mutex`, on pthread_mutex(3): for builds under a sanitizer only (`packaging/sanitize`).
    ///
    /// The standard library's own is a futex, and ThreadSanitizer knows of no futex: what a lock protects looked like a
    /// race to it. It intercepts pthread_mutex_lock(3).
    ///
    /// Sendable, as the standard library's is: nobody reaches the value but under the lock.
    package struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
        private let lock: UnsafeMutablePointer<pthread_mutex_t>
        private let value: UnsafeMutablePointer<Value>

        package init(_ initial: consuming sending Value) {
            lock = .allocate(capacity: 1)
            lock.initialize(to: pthread_mutex_t())
            precondition(pthread_mutex_init(lock, nil) == 0)
            value = .allocate(capacity: 1)
            value.initialize(to: initial)
        }

        deinit {
            // Whoever had the value last is done with it, by the reference count; ThreadSanitizer knows it by the lock.
            pthread_mutex_lock(lock)
            pthread_mutex_unlock(lock)
            pthread_mutex_destroy(lock)
            lock.deallocate()
            value.deinitialize(count: 1)
            value.deallocate()
        }

        /// Calls `body` with the value, while nobody else has it.
        package borrowing func withLock<R: ~Copyable, E: Error>(
            _ body: (inout sending Value) throws(E) -> sending R
        ) throws(E) -> sending R {
            pthread_mutex_lock(lock)
            defer { pthread_mutex_unlock(lock) }
            return try body(&value.pointee)
        }
    }
#else
    @_exported import Synchronization
#endif
