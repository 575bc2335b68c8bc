import SystemPackage
import Watch

/// What happened to a file on its way; told once by the stage that did it, for logs, progress bars and the demo.
package enum PipelineEvent: Sendable {
    /// It stopped changing and may go up.
    case queued(MediaFile)
    case rejected(FilePath, Rejection)
    /// `sent` of its bytes are on their way; told for each chunk.
    case sending(MediaFile, sent: Int64)
    case uploaded(MediaFile, Receipt)
    /// Its bytes were known: no upload. `movedFrom` names the path it was renamed from.
    case reused(MediaFile, movedFrom: FilePath?)
    /// It waits for another try.
    case postponed(MediaFile, reason: String, due: Timestamp)
    /// Its file system did not answer in time: it waits until that does, and then goes on.
    case hung(MediaFile, reason: String)
    /// The file system of a file that was hung has answered.
    case answered(MediaFile)
    /// It changed after it had settled, and settles anew.
    case changed(FilePath, reason: String)
    case gone(FilePath)
    /// It was up and has left its folder, as that is configured; `movedTo` is where it is now, where it was moved.
    case departed(FilePath, movedTo: FilePath?)
    /// It was to leave and stays, or is back under this path.
    case stays(FilePath, reason: String)
    /// It cannot leave now, and is tried again; told once a cause and folder.
    case departureFailed(FilePath, reason: String)
    /// It waited, and the present configuration does not let it up.
    case letGo(FilePath, reason: String)
    /// The provider's word on an uploaded asset.
    case status(FilePath, AssetStatus)
    /// All files of the account wait, for one cause.
    case accountBlocked(String, reason: String, until: Timestamp)
    case accountOpen(String)
    /// It is another account than before, or its key is new.
    case accountChanged(AccountChange)
    /// The folder, or the directory at `path` in it, is watched less well than it should be.
    case degraded(folder: String, path: FilePath, reason: String)
    /// Some directories of the folder cannot be looked through; nil: all can be again.
    case unread(folder: String, Unread?)
    /// Nothing can be recorded in the ledger or the manifest: nothing is started until it can.
    case recordsClosed(book: String, reason: String)
    case recordsOpen
    /// A stage could not do its work and will try again.
    case failed(stage: String, reason: String)
}

/// Takes what the stages tell; called from any of them, and must not block.
package typealias PipelineObserver = @Sendable (PipelineEvent) -> Void
