#if SANITIZE
    import Glibc

    /// The standard library's `Mutex`, built on pthread_mutex(3). For builds under a sanitizer only (`-D SANITIZE`).
    ///
    /// The standard library's own is a futex, and ThreadSanitizer does not know futexes. It would report a race for
    /// everything that such a lock protects. It does intercept pthread_mutex_lock(3).
    ///
    /// Sendable like the standard library's: the value is reached only under the lock.
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
            // By the reference count, the last user of the value is done with it. ThreadSanitizer learns that from the
            // lock.
            pthread_mutex_lock(lock)
            pthread_mutex_unlock(lock)
            pthread_mutex_destroy(lock)
            lock.deallocate()
            value.deinitialize(count: 1)
            value.deallocate()
        }

        /// Calls `body` with the value, and lets nobody else use it meanwhile.
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
