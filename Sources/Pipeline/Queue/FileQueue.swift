import SystemPackage
import Watch

/// The durable queue between Classify and Upload, and what is known of every file: the one hand-over that has to survive
/// a crash.
///
/// The contract that the ledger fulfils:
/// - When a call returns, what it wrote is on disk. Calls made side by side share one commit.
/// - Each file is in one ``FileState``, with a reason in plain words. A new version of a file replaces the old one's
///   state and attempts; what the manifest shows of the old version stays until the new one is up. What was begun for
///   the old one's bytes is the ``AssetBook``'s.
/// - Calls that bear a version do nothing when the file has another version by now, and say so where it matters.
/// - Paths are bytes.
package protocol FileQueue: Sendable {
    /// Those among `files` whose version has not been dealt with: not known, known in another version, gone before, or
    /// still settling.
    func unhandled(among files: [FoundFile]) async throws -> [FoundFile]

    /// Records what happened to files, in this order, a few hundred of them a commit: so that thousands cost few commits,
    /// and other callers' writes come in between.
    ///
    /// A version that has been dealt with does not settle again. A file that left is `gone` where its path shows an entry,
    /// which is no longer present; else what is known of it is forgotten.
    func note(_ notes: [FileNote], at time: Timestamp) async throws

    /// Queues a file for its account, unless this very version is queued, uploading or uploaded already.
    func enqueue(_ file: MediaFile, at time: Timestamp) async throws

    /// Records that a file cannot go up as it is; the manifest shows it among `rejected`.
    func reject(_ file: SettledFile, _ rejection: Rejection, at time: Timestamp) async throws

    /// Paths of a folder's files that are thought to be there, in byte order after `path`; for comparison with the disk.
    func present(in folder: String, after path: FilePath?, limit: Int) async throws -> [FilePath]

    /// Entries, and files that are done with, that lie in one of these folders and say another one get its name: its key was
    /// changed, or the folder is new.
    func nameFolders(_ folders: [WatchedFolder]) async throws

    /// Files that are thought to be there and that none of these folders watches, in byte order after `path`.
    func unwatched(by folders: [WatchedFolder], after path: FilePath?, limit: Int) async throws -> [UnwatchedFile]

    /// Takes this portion of the files that are due for the account and not held back, and marks them uploading. They are
    /// in the order in which they are to start.
    func claim(
        account: String,
        _ portion: Portion,
        except held: HeldBack,
        at time: Timestamp
    ) async throws -> [QueuedFile]

    /// Puts a claimed file back with the reason it waits for; `attempted` counts one attempt. The next try is due at
    /// `due`.
    func postpone(
        _ file: MediaFile,
        cause: WaitCause,
        reason: String,
        due: Timestamp,
        attempted: Bool
    ) async throws

    /// Takes a claimed file off the queue because it changed: it settles anew.
    func returnToSettling(_ file: MediaFile, reason: String, at time: Timestamp) async throws

    /// Rejects a claimed file by the provider's own words.
    func reject(_ file: MediaFile, _ rejection: Rejection, at time: Timestamp) async throws

    /// Puts files that were uploading when the last process ended back into the queue, due at once. Called once, before
    /// the first claim.
    func recover(at time: Timestamp) async throws

    /// The same for the files of one account, whose lane has ended.
    func recover(account: String, at time: Timestamp) async throws

    /// Files that wait (`settling`, `queued`, `uploading`), in the order of their places, after that place.
    func waiting(after place: Int64, limit: Int) async throws -> [WaitingFile]

    /// Takes files off the queue that may not go up: they become `gone` with the reason, or `rejected`. One that does not
    /// wait any more, or has another version, stays as it is.
    func dismiss(_ files: [(file: WaitingFile, why: Dismissal)], at time: Timestamp) async throws

    /// Lets go of files that were pushed by name and changed while they went up, as nobody watches their place, and forgets
    /// those that nobody needs any more. Called once, before the first claim.
    func tidy(at time: Timestamp) async throws

    /// Says of the queued files of an account that has no lane, those after `place`, that they wait for this reason alone;
    /// returns the last one's place, or nil where there is none after it.
    func explain(account: String, after place: Int64, cause: WaitCause, reason: String) async throws -> Int64?

    /// The accounts that have queued files.
    func queuedAccounts() async throws -> Set<String>

    /// When the account's next queued file is due that is not held back; nil when none is queued.
    func nextDue(account: String, except held: HeldBack) async throws -> Timestamp?

    /// How many files are in each state.
    func counts() async throws -> [FileState: Int]

    /// What is known of one file; nil when it was never seen.
    func record(of path: FilePath) async throws -> FileRecord?

    /// Files that wait (`settling`, `queued`, `uploading`), oldest first, with their reasons.
    func waiting(limit: Int) async throws -> [FileRecord]
}
