/// The time limits of the HTTP transfer.
///
/// A whole upload has no limit: it may last for days if it makes progress. All three clocks stand still while the
/// machine is suspended, and none follows the wall clock.
package struct TransferTimeouts: Hashable, Sendable {
    /// The limit for a connection, TLS included. Counts where the ``Transfer`` is made: one client serves all accounts.
    package var connect: Duration
    /// The limit for an API call, to the last byte of its answer.
    package var answer: Duration
    /// The limit for a storage that takes no bytes, or stays silent after the last byte.
    ///
    /// Bytes count in parts of 256 KiB, when a part is handed on. Two parts and the kernel's 192 KiB
    /// (``UnsentLimit``) may still wait to be sent at that time. Less than that within the limit counts as a
    /// standstill: by default, less than 12 kB/s. On a line that was fast until now, parts are four times as long.
    ///
    /// The limit is longer than ``Patience/usual``, because an unreadable file must not look like a storage that
    /// stalls.
    package var progress: Duration

    package init(connect: Duration = .seconds(10), answer: Duration = .seconds(30), progress: Duration = .seconds(60)) {
        self.connect = connect
        self.answer = answer
        self.progress = progress
    }
}
