import Logging
import Pipeline
import SystemPackage
import Watch

/// Writes the stages' events as log lines: a constant sentence, data in metadata.
struct EventLog: Sendable {
    let logger: Logger

    func observe(_ event: PipelineEvent) {
        switch event {
        case .queued(let file):
            log(.debug, "file settled", file.path, ["file.kind": "\(file.kind.rawValue)"])
        case .rejected(let path, let rejection):
            log(.info, "file rejected", path, ["code": "\(rejection.code.rawValue)", "reason": "\(rejection.reason)"])
        case .sending(let file, let sent):
            log(.trace, "sending", file.path, ["bytes.sent": "\(sent)", "bytes": "\(file.size)"])
        case .uploaded(let file, let receipt):
            log(.info, "file uploaded", file.path, metadata(of: file, receipt))
            warn("file is up, but a post of it may fail", file)
        case .reused(let file, let movedFrom):
            var metadata: Logger.Metadata = ["account": "\(file.account)"]
            if let movedFrom { metadata["file.from"] = "\(shown(movedFrom))" }
            log(.info, movedFrom == nil ? "file known already" : "file moved", file.path, metadata)
            warn("file known already, but a post of it may fail", file)
        case .adopted(let file, let asset):
            var metadata = metadata(of: file, asset.receipt)
            if let host = asset.host { metadata["fleet.host"] = "\(host)" }
            log(.info, "file up by another host", file.path, metadata)
            warn("file known already, but a post of it may fail", file)
        case .postponed(let file, let reason, let due):
            log(.warning, "file waits for another try", file.path, ["reason": "\(reason)", "due": "\(due.iso8601)"])
        case .hung(let file, let reason):
            log(.warning, "file waits for its file system", file.path, ["reason": "\(reason)"])
        case .answered(let file):
            log(.notice, "file system answers again", file.path, [:])
        case .changed(let path, let reason):
            log(.info, "file settles anew", path, ["reason": "\(reason)"])
        case .gone(let path):
            log(.debug, "file left", path, [:])
        case .sidecar(let path):
            log(.debug, "sidecar noted", path, [:])
        case .skipped(let path):
            log(.debug, "file is skipped still", path, [:])
        case .lookedThrough(let folder, let files):
            logger.notice(
                "files that lay in the folder before it was watched are skipped",
                metadata: ["folder.name": "\(folder)", "files": "\(files)"]
            )
        case .departed(let path, let movedTo):
            let metadata: Logger.Metadata = movedTo.map { ["file.to": "\(shown($0))"] } ?? [:]
            log(.info, movedTo == nil ? "uploaded file deleted" : "uploaded file moved", path, metadata)
        case .stays(let path, let reason):
            log(.notice, "file stays in its folder", path, ["reason": "\(reason)"])
        case .departureFailed(let path, let reason):
            let metadata: Logger.Metadata = ["reason": "\(reason)"]
            log(
                .error,
                "uploaded files cannot leave their folder, this one first, and will be tried again",
                path,
                metadata
            )
        case .letGo(let path, let reason):
            log(.info, "file does not go up any more", path, ["reason": "\(reason)"])
        case .status(let path, let status):
            log(.info, "asset status changed", path, ["status": "\(status.rawValue)"])
        case .accountBlocked(let account, let reason, let until):
            let metadata: Logger.Metadata = [
                "account": "\(account)", "reason": "\(reason)", "until": "\(until.iso8601)",
            ]
            logger.error("account blocked, all its files wait", metadata: metadata)
        case .accountOpen(let account):
            logger.notice("account open again", metadata: ["account": "\(account)"])
        case .paused(let subject):
            logger.notice("paused, nothing new begins there", metadata: Self.metadata(of: subject))
        case .resumed(let subject):
            logger.notice("resumed", metadata: Self.metadata(of: subject))
        case .accountChanged(let change): log(change)
        case .degraded(let folder, let path, let reason):
            log(
                .warning,
                "folder not watched as it should be",
                path,
                ["folder": "\(folder)", "reason": "\(reason)"]
            )
        case .unread(let folder, let unread?):
            log(
                .warning,
                "directories cannot be looked through, files in them wait",
                unread.first,
                ["folder": "\(folder)", "directories": "\(unread.count)", "reason": "\(unread.reason)"]
            )
        case .unread(let folder, nil):
            logger.notice("all of the folder can be looked through again", metadata: ["folder": "\(folder)"])
        case .recordsClosed(let book, let reason):
            logger.error("nothing can be recorded, uploads wait", metadata: ["book": "\(book)", "reason": "\(reason)"])
        case .recordsOpen:
            logger.notice("recording works again, uploads go on")
        case .failed(let stage, let reason):
            logger.error(
                "a step failed and will be tried again",
                metadata: ["step": "\(stage)", "reason": "\(reason)"]
            )
        case .hookFails(let event, let failure):
            logger.warning("hook fails, its events wait and are tried again", metadata: metadata(of: event, failure))
        case .hookWorks(let hook):
            logger.notice("no event of the hook fails any more", metadata: ["hook": "\(hook)"])
        case .hookGaveUp(let event, let failure):
            logger.error("hook failed for the last time, the event is dropped", metadata: metadata(of: event, failure))
        case .hookLeft(let hook, let process):
            logger.warning(
                "hook cannot be ended, its process is left behind",
                metadata: ["hook": "\(hook)", "process": "\(process.map(String.init) ?? "unknown")"]
            )
        case .tryEnded, .settled, .sent, .called, .overflowed, .scanBegun, .hookRan: break
        }
    }

    /// Writes a line for each folder with such a hindrance: no file can leave it, or the page can put none there. Watch
    /// reports a folder that is not watched.
    func report(_ hindrances: [FolderHindrance]) {
        for hindrance in hindrances where hindrance.effect != .notWatched {
            logger.warning(
                hindrance.effect == .notDropped
                    ? "the page cannot put files into this folder yet" : "uploaded files cannot leave their folder yet",
                metadata: ["folder": "\(hindrance.folder)", "reason": "\(hindrance.reason)"]
            )
        }
    }

    private func log(
        _ level: Logger.Level,
        _ message: Logger.Message,
        _ path: FilePath,
        _ metadata: Logger.Metadata
    ) {
        logger.log(
            level: level,
            message,
            metadata: metadata.merging(["file.path": "\(shown(path))"]) { first, _ in first }
        )
    }

    /// Writes one line for a file that its provider may not be able to use.
    private func warn(_ message: Logger.Message, _ file: MediaFile) {
        if file.warnings.isEmpty { return }
        let metadata: Logger.Metadata = [
            "account": "\(file.account)",
            "codes": "\(file.warnings.map(\.code.rawValue).joined(separator: ","))",
            "reason": "\(file.warnings.map(\.text).joined(separator: "; "))",
        ]
        log(.warning, message, file.path, metadata)
    }

    private func log(_ change: AccountChange) {
        switch change.kind {
        case .another(let files):
            logger.notice(
                "account is another one than before, the files in its folders go up to it",
                metadata: ["account": "\(change.account)", "files": "\(files)"]
            )
        case .filesElsewhere(let files):
            logger.notice(
                "files in the account's folders are up at another account, they go up to it",
                metadata: ["account": "\(change.account)", "files": "\(files)"]
            )
        case .unproven:
            logger.notice(
                "account has a new key, what is up counts again once an answer names the same owner",
                metadata: ["account": "\(change.account)"]
            )
        case .same:
            logger.notice("account is the same under its new key", metadata: ["account": "\(change.account)"])
        }
    }

    private static func metadata(of subject: Pause.Subject) -> Logger.Metadata {
        subject.name.map { [subject.scope: "\($0)"] } ?? ["scope": "all"]
    }

    private func metadata(of file: MediaFile, _ receipt: Receipt) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "account": "\(file.account)", "file.kind": "\(file.kind.rawValue)", "bytes": "\(file.size)",
        ]
        if let urn = receipt.assetURN { metadata["asset.urn"] = "\(urn)" }
        if let id = receipt.mediaID { metadata["media.id"] = "\(id)" }
        return metadata
    }

    private func metadata(of event: HookEvent, _ failure: HookFailure) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "hook": "\(event.hook)", "event": "\(event.trigger.rawValue)", "reason": "\(failure.cause)",
        ]
        if let path = event.path { metadata["file.path"] = "\(shown(path))" }
        if let said = failure.said { metadata["output"] = "\(said)" }
        return metadata
    }

    /// The path as in the manifest. ``LogLine`` keeps it on one line.
    private func shown(_ path: FilePath) -> String { ManifestKey(path).text }
}
