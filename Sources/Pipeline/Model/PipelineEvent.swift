import SystemPackage
import Watch

/// What happened to a file on its way, for logs, progress bars and the demo. The stage that did it reports it once.
package enum PipelineEvent: Sendable {
    /// It stopped changing and may go up.
    case queued(MediaFile)
    case rejected(FilePath, Rejection)
    /// `sent` of its bytes are on their way. Reported for each chunk.
    case sending(MediaFile, sent: Int64)
    case uploaded(MediaFile, Receipt)
    /// Its bytes were known, so nothing was uploaded. `movedFrom` is the path that it was renamed from.
    case reused(MediaFile, movedFrom: FilePath?)
    /// Another host of the fleet had brought its bytes up, so nothing was uploaded.
    case adopted(MediaFile, SharedAsset)
    /// It waits for another try.
    case postponed(MediaFile, reason: String, due: Timestamp)
    /// Its file system did not answer in time. The file waits for an answer, then goes on.
    case hung(MediaFile, reason: String)
    /// The file system of a hung file has answered.
    case answered(MediaFile)
    /// It changed after it had settled, and settles anew.
    case changed(FilePath, reason: String)
    case gone(FilePath)
    /// A sidecar came or changed. It goes with other files, and not up.
    case sidecar(FilePath)
    /// It lay in its folder before the folder was watched, and has another name or other rights now.
    case skipped(FilePath)
    /// The first look through the folder is over. It skipped so many files that lay there before.
    case lookedThrough(folder: String, skipped: Int)
    /// It was up and has left its folder, as configured. `movedTo` is its new path, if it was moved.
    case departed(FilePath, movedTo: FilePath?)
    /// Its departure is void: it stays, or is back under this path.
    case stays(FilePath, reason: String)
    /// It cannot leave now, and is tried again. Reported once for each cause and folder.
    case departureFailed(FilePath, reason: String)
    /// It waited, and the present configuration does not allow it.
    case letGo(FilePath, reason: String)
    /// The provider's word on an uploaded asset.
    case status(FilePath, AssetStatus)
    /// All files of the account wait, for one cause.
    case accountBlocked(String, reason: String, until: Timestamp)
    case accountOpen(String)
    /// It is another account than before, or its key is new.
    case accountChanged(AccountChange)
    /// Nothing new begins there.
    case paused(Pause.Subject)
    case resumed(Pause.Subject)
    /// The folder, or its directory at `path`, is watched less well than it should be.
    case degraded(folder: String, path: FilePath, reason: String)
    /// Some directories of the folder cannot be read; nil: all can be read again.
    case unread(folder: String, Unread?)
    /// The ledger or the manifest cannot be written. Nothing is started until it can.
    case recordsClosed(book: String, reason: String)
    case recordsOpen
    /// A stage could not do its work and will try again.
    case failed(stage: String, reason: String)

    /// Events of the hook fail for this cause from now on, this one first. They are tried again.
    case hookFails(HookEvent, HookFailure)
    /// No event of the hook fails any more.
    case hookWorks(String)
    /// The event was tried for the last time. The hook does not get it.
    case hookGaveUp(HookEvent, HookFailure)
    /// A process of the hook cannot be ended, and goes on after the hook's end.
    case hookLeft(String, process: Int32?)

    // For counts. Logs show what these lead to.

    /// The file has settled. `waited` is the time since something was first noted of it.
    case settled(FilePath, waited: Duration)
    /// A try at the file ended. `took` is the time since the file got its slot.
    case tryEnded(MediaFile, TryOutcome, took: Duration)
    /// Bytes of a file were handed to a connection.
    case sent(account: String, bytes: Int)
    /// A call to the account's API ended. `code` is `2xx`, a status, or what kept an answer away.
    case called(account: String, APICall, code: String, took: Duration)
    /// Events of the folder were lost. A scan follows.
    case overflowed(folder: String)
    /// A scan of the whole folder began.
    case scanBegun(folder: String, ScanCause)
    /// A run of the hook ended.
    case hookRan(String, HookRun)
}

extension PipelineEvent {
    init(_ report: WatchReport) {
        self =
            switch report {
            case .scanBegun(let folder, let cause): .scanBegun(folder: folder, cause)
            case .overflowed(let folder): .overflowed(folder: folder)
            }
    }
}

/// Takes the reports of all stages. Any stage may call it, so it must not block.
package typealias PipelineObserver = @Sendable (PipelineEvent) -> Void
