import SystemPackage
import Threads
import Watch

/// Decides by what a file is: media that may go up, or a rejection.
package struct Classifier: Sendable {
    package enum Classification: Hashable, Sendable {
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

    /// Classifies a settled file by what Settle found in its bytes.
    package func classify(_ settled: SettledFile) -> Classification {
        switch settled.finding {
        case .success(let finding): judge(settled.path, version: settled.version, finding)
        case .failure(let error): classification(of: error)
        }
    }

    /// Opens a file and classifies it in its present version. If the file system does not answer within the patience,
    /// the result is `unreadableNow`. A file that changed a moment ago gets some time first, so that the next write
    /// leaves another version.
    package func classify(_ path: FilePath, within patience: Patience = .usual) async -> Classification {
        do {
            for _ in 0..<Self.looksAtYoung {
                let answer = try await BlockingThreads.shared.run(within: patience) { try look(at: path) }
                guard let answer else { return .unreadableNow(.fileSystem, reason: Unanswered(at: root).description) }
                guard case .media(let file) = answer, file.version.isYoung(at: Timestamp.now().nanoseconds)
                else { return answer }
                try await Task.sleep(for: file.version.granularity)
            }
            return .changed
        } catch let error as SourceFileError {
            return classification(of: error)
        } catch {
            return .unreadableNow(.retry, reason: "the file cannot be read: \(error)")
        }
    }

    /// How many looks a file that changed just now gets. Then it counts as still changing.
    private static let looksAtYoung = 4

    private func classification(of error: SourceFileError) -> Classification {
        switch error {
        case .missing, .notRegular, .outside: .gone
        case .truncated, .changed: .changed
        case .denied, .tooLong: .rejected(Rejection(.unreadable, error.reason))
        case .failed: .unreadableNow(.retry, reason: error.reason)
        }
    }

    /// Opens the file and judges it. Blocks.
    private func look(at path: FilePath) throws -> Classification {
        let file = try SourceFile(path, beneath: root)
        let finding = try MediaClassifier.classify(file)
        return try file.isUnchanged() ? judge(path, version: file.version, finding) : .changed
    }

    private func judge(_ path: FilePath, version: FileVersion, _ finding: MediaFinding) -> Classification {
        let type = finding.type
        switch admission.judge(finding, size: version.size) {
        case .rejected(let rejection):
            return .rejected(rejection)
        case .admitted(let kind):
            return .media(
                MediaFile(
                    folder: folder,
                    root: root,
                    path: path,
                    version: version,
                    account: account,
                    mime: type.mime,
                    kind: kind,
                    uploadName: UploadName.of(path, type: type),
                    measure: finding.measure,
                    warnings: admission.warnings(of: finding, size: version.size)
                )
            )
        }
    }
}
