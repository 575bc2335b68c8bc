import SystemPackage
import Watch

/// The durable queue between Classify and Upload, and the state of every file. It is the only hand-over that must
/// survive a crash.
///
/// The contract that the ledger fulfils:
/// - A call returns after its changes are on disk. Calls made side by side share one commit.
/// - Each file is in one ``FileState``, with a reason in plain words. A new version of a file replaces the old
///   version's state and attempts. The manifest shows the old version until the new one is up. ``AssetBook`` keeps any
///   work begun for the old version's bytes.
/// - A call with a version does nothing if the file has another version by now. It says so where that matters.
/// - Paths are bytes.
package protocol FileQueue: Sendable {
    /// Compares found files with what is known of their paths. Makes no path for a file that has been dealt with.
    func compare(_ found: [FoundFiles]) async throws -> ScanComparison

    /// Begins the first look through a folder, by its path, as of `time`, or goes on with it after a restart.
    ///
    /// Nil if the folder was looked through before, under whatever name. With ``ExistingFiles/upload``, the look ends
    /// at once, and skipped files of the folder count as new.
    func beginFirstLook(of folder: FilePath, _ existing: ExistingFiles, at time: Timestamp) async throws -> FirstLook?

    /// Ends the first look through a folder.
    func endFirstLook(of folder: FilePath, at time: Timestamp) async throws

    /// Records files as skipped, a few hundred a commit. Returns those with another story, which stay as they are: they
    /// show an entry, are up, on their way or rejected, or somebody wants them to go up.
    func skip(_ files: [FoundFile], at time: Timestamp) async throws -> [FoundFile]

    /// Records a settled file as skipped if it has the bytes of a skipped file of the same folder. That file has
    /// another name now, other rights or owners. Returns whether it did so. A skipped file that left is known for an
    /// hour.
    func skipAgain(_ file: FoundFile, beneath folder: FilePath, at time: Timestamp) async throws -> Bool

    /// Records changes of files, in this order, a few hundred a commit. So thousands cost few commits, and other
    /// callers' writes come in between.
    ///
    /// A version that has been dealt with does not settle again. A file that left becomes `gone` if its path shows an
    /// entry; the entry is then no longer present. Any other file that left is forgotten. Entries of present files list
    /// a sidecar that left no longer.
    func record(_ notes: [FileNote], at time: Timestamp) async throws

    /// The records of those paths whose files settle.
    func settling(at paths: [FilePath]) async throws -> [FileRecord]

    /// Takes settling files of a folder whose time has come (``SettlingFile/due``), earliest first. They have no time
    /// from then on. `next`: the time of the next ones.
    func takeDue(
        in folder: String,
        by time: Timestamp,
        limit: Int
    ) async throws -> (files: [FoundFile], next: Timestamp?)

    /// Queues a settled file. Returns false and does nothing if this version has been dealt with: the file was opened
    /// for writing and closed again without a change, or the event is late.
    func admit(_ file: MediaFile, at time: Timestamp) async throws -> Bool

    /// Rejects a settled file. Returns false and does nothing if this version has been dealt with.
    func admit(_ file: FoundFile, rejected rejection: Rejection, at time: Timestamp) async throws -> Bool

    /// Queues a file for its account. Does nothing if this version is queued for this account, uploading, or uploaded
    /// to this account. The manifest shows a rejection of this version no longer.
    func enqueue(_ file: MediaFile, at time: Timestamp) async throws

    /// Records that a file cannot go up as it is. The manifest shows it among `rejected`.
    func reject(_ file: FoundFile, _ rejection: Rejection, at time: Timestamp) async throws

    /// Other paths, by folder, at which these files were seen last, with another size or mtime. They are other names
    /// (hard links) of changed files. Looks at `limit` names of each file at the most.
    func otherNames(of files: [FoundFile], limit: Int) async throws -> [String: [FilePath]]

    /// Paths at which found files were up in their very version, under the same folder and name. The files may have
    /// moved with their directory. Of a file with many hard links, the result has only some paths.
    func formerPlaces(of files: [FoundFile]) async throws -> [FoundFile: [FormerPlace]]

    /// Lets entries follow files that moved within a folder, a few hundred a commit. Returns the files whose entries
    /// did.
    ///
    /// All others stay as they are: their new path has a story, or their former path no longer shows what went up to
    /// the folder's account.
    func move(
        _ moves: [MovedFile],
        by folder: FolderPlan,
        at time: Timestamp
    ) async throws -> [(file: MediaFile, former: FilePath)]

    /// Those of `sidecars` whose version is not noted yet, or whose file was settling or rejected before it became a
    /// sidecar.
    func unnoted(among sidecars: [FoundFile]) async throws -> [FoundFile]

    /// Notes a sidecar in this version. The manifest's entries of present files beside it list it, under a new
    /// revision. Nothing changes if it was noted in this version. A rejection of the file is shown no longer.
    func noteSidecar(_ file: FoundFile, at time: Timestamp) async throws

    /// Paths of noted sidecars beneath a directory, in byte order after `path`.
    func sidecars(beneath directory: FilePath, after path: FilePath?, limit: Int) async throws -> PresentFiles

    /// Forgets sidecars that no folder looks after any more, whether their files are there or not. Entries list them no
    /// longer.
    func dropSidecars(_ paths: [FilePath]) async throws

    /// Paths of the folder's files that should be there and are not among the seen ones, in byte order after `path`. A
    /// sweep compares them with the disk. Returns at most `limit` paths; fewer, or none, may not be the end.
    func present(
        in folder: String,
        except seen: SeenFiles,
        after path: FilePath?,
        limit: Int
    ) async throws -> PresentFiles

    /// Gives each folder's name to the entries and finished files in it that name another folder. So it is after a
    /// folder's key changed, or when a folder is new.
    func nameFolders(_ folders: [WatchedFolder]) async throws

    /// Files that should be there and that none of these folders watches under the folder name they have. In the order
    /// of folder names, then of bytes; after `file`.
    func unwatched(by folders: [WatchedFolder], after file: UnwatchedFile?, limit: Int) async throws -> [UnwatchedFile]

    /// Puts a claimed file back.
    func postpone(_ file: MediaFile, _ postponement: Postponement) async throws

    /// Makes queued files due at once that wait for a content of the fleet.
    func release(_ paths: [FilePath]) async throws

    /// Takes a claimed file off the queue because it left.
    func recordGone(_ file: MediaFile, at time: Timestamp) async throws

    /// Takes a claimed file off the queue because it changed. It settles anew.
    func returnToSettling(_ file: MediaFile, reason: String, at time: Timestamp) async throws

    /// Rejects a claimed file by the provider's own words.
    func reject(_ file: MediaFile, _ rejection: Rejection, at time: Timestamp) async throws

    /// Puts the last process's uploading files back into the queue, due at once. Called once, before the first claim.
    /// Files with a ticket come first, so that it is used while it lives.
    func recover(at time: Timestamp) async throws

    /// The same for the files of one account, whose lane has ended.
    func recover(account: String, at time: Timestamp) async throws

    /// Files that wait (`settling`, `queued`, `uploading`), in the order of their places, after that place.
    func waiting(after place: Int64, limit: Int) async throws -> [WaitingFile]

    /// Takes files off the queue that may not go up. They become `gone` with the reason, or `rejected`. A file that no
    /// longer waits, or has another version, stays as it is.
    func dismiss(_ files: [(file: WaitingFile, why: Dismissal)], at time: Timestamp) async throws

    /// Lets go of files that were pushed by name and changed while they went up, as nobody watches their place. Does
    /// what ``forgetOld(at:)`` does. Called once, before the first claim.
    func tidy(at time: Timestamp) async throws

    /// Forgets files that were let go of a day ago, uploads of a day ago whose files are gone, and the steps of files
    /// that left 30 days ago.
    func forgetOld(at time: Timestamp) async throws

    /// Gives this reason to the queued files after `place` of an account without a lane, and makes all its files due.
    /// Returns the last file's place, or nil if there is none after `place`.
    func explain(account: String, after place: Int64, cause: WaitCause, reason: String) async throws -> Int64?

    /// The accounts that have queued files.
    func queuedAccounts() async throws -> Set<String>

    /// When the account's next queued file is due, without the held ones; nil if none is queued.
    func nextDue(account: String, except held: HeldBack) async throws -> Timestamp?

    /// How many files are in each state.
    func counts() async throws -> [FileState: Int]

    /// The record of one file; nil if it is not known.
    func record(of path: FilePath) async throws -> FileRecord?

    /// Files that wait (`settling`, `queued`, `uploading`), oldest first, with their reasons.
    func waiting(limit: Int) async throws -> [FileRecord]

    /// The files beneath a directory that settle, wait or go up.
    func waiting(beneath directory: FilePath) async throws -> [FilePath]
}
