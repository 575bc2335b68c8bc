import SystemPackage
import Threads
import Watch

/// Reads the first bytes of a settled file and decides: media that may go up, or a rejection.
package struct Classifier: Sendable {
    package enum Outcome: Hashable, Sendable {
        case media(MediaFile)
        case rejected(Rejection)
        /// It is not the version any more that had settled.
        case changed
        /// It cannot be read at the moment, through no fault of its own; the reason, for people.
        case unreadableNow(WaitCause, reason: String)
        /// There is no regular file (any more).
        case gone
    }

    /// The watched folder's name; nil for files that are pushed by name from elsewhere.
    private let folder: String?
    private let root: FilePath
    private let account: String
    private let admission: Admission

    package init(folder: String?, root: FilePath, account: String, admission: Admission) {
        self.folder = folder
        self.root = root
        self.account = account
        self.admission = admission
    }

    package init(_ plan: FolderPlan) {
        self.init(folder: plan.name, root: plan.path, account: plan.account, admission: plan.admission)
    }

    /// Classifies one file that settled as `version`. Where the task is cancelled, its outcome is nothing to act on.
    package func classify(_ path: FilePath, version: FileVersion, on threads: BlockingThreads) async -> Outcome {
        await outcome { try await threads.look { try look(at: path, version: version) } }
    }

    /// The same for a file as it is. Where its file system does not answer within the patience, it cannot be read now. A file
    /// that changed a moment ago is waited for: what is written to it next is to leave another version.
    package func classify(_ path: FilePath, within patience: Patience = .usual) async -> Outcome {
        await outcome {
            for _ in 0..<Self.looksAtYoung {
                let answer = try await BlockingThreads.shared.look(within: patience) {
                    try look(at: path, version: nil)
                }
                guard let answer else { return .unreadableNow(.fileSystem, reason: Unanswered(at: root).description) }
                guard case .media(let file) = answer, file.version.isYoung(at: Timestamp.now().milliseconds * 1_000_000)
                else { return answer }
                try await Task.sleep(for: file.version.granularity)
            }
            return .changed
        }
    }

    /// How often a file may have changed just now before it counts as one that keeps changing.
    private static let looksAtYoung = 4

    private func outcome(of look: () async throws -> Outcome) async -> Outcome {
        do {
            return try await look()
        } catch {
            switch error as? SourceFileError {
            case .missing, .notRegular, .outside: return .gone
            case .truncated, .changed: return .changed
            case .some(let error) where error == .denied || error == .tooLong:
                return .rejected(Rejection(.unreadable, error.reason))
            case let known: return .unreadableNow(.retry, reason: known?.reason ?? "the file cannot be read: \(error)")
            }
        }
    }

    /// Blocks.
    private func look(at path: FilePath, version: FileVersion?) throws -> Outcome {
        let file = try SourceFile(path, beneath: root)
        if let version, file.version != version { return .changed }
        let head = try file.read(at: 0, count: MediaClassifier.headLength)
        let type = MediaClassifier.classify(head)
        switch admission.judge(type, size: file.version.size) {
        case .rejected(let rejection):
            return .rejected(rejection)
        case .admitted(let kind):
            return .media(
                MediaFile(
                    folder: folder,
                    root: root,
                    path: path,
                    version: file.version,
                    account: account,
                    mime: type.mime,
                    kind: kind,
                    uploadName: UploadName.of(path, type: type)
                )
            )
        }
    }
}
