import SystemPackage
import Threads
import Watch

/// Reads the first bytes of a settled file and decides: media that may go up, or a rejection.
package struct Classifier: Sendable {
    package enum Outcome: Hashable, Sendable {
        case media(MediaFile)
        case rejected(Rejection)
        /// The file no longer has the version that settled.
        case changed
        /// The file cannot be read at the moment, and the file is not at fault. The reason is for people.
        case unreadableNow(WaitCause, reason: String)
        /// There is no regular file (any more).
        case gone
    }

    /// The watched folder's name. Nil for a file that was pushed by name from elsewhere.
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

    /// Classifies a file that settled as `version`. If the task is cancelled, do not act on the outcome.
    package func classify(_ path: FilePath, version: FileVersion, on threads: BlockingThreads) async -> Outcome {
        await outcome { try await threads.look { try look(at: path, version: version) } }
    }

    /// Classifies a file in its present version. If the file system does not answer within the patience, the outcome is
    /// `unreadableNow`. A file that changed a moment ago gets some time first, so that the next write leaves another
    /// version.
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

    /// How many looks a file that changed just now gets. Then it counts as still changing.
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

    /// Looks at the file. Blocks.
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
