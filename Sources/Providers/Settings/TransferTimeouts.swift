/// How long the HTTP transfer waits for what. There is no limit for a whole upload: one that makes progress may last
/// for days. None of the three runs while the machine is suspended, or minds the wall clock.
package struct TransferTimeouts: Hashable, Sendable {
    /// Until a connection stands, TLS included. Counts where the ``Transfer`` is made: one client serves all accounts.
    package var connect: Duration
    /// Until an API call is answered, to the last byte.
    package var answer: Duration
    /// While the storage takes none of the bytes, or says nothing after the last of them. Bytes count by the chunk of
    /// 256 KiB, and as soon as they are handed on: two chunks and the kernel's 192 KiB (``UnsentLimit``) may still wait to
    /// be sent. What takes longer than this for so much, less than 12 kB/s by default, counts as standing still. Longer than
    /// ``Patience/usual``, so that a file that cannot be read is not taken for a storage that does not take it.
    package var progress: Duration

    package init(connect: Duration = .seconds(10), answer: Duration = .seconds(30), progress: Duration = .seconds(60)) {
        self.connect = connect
        self.answer = answer
        self.progress = progress
    }
}
