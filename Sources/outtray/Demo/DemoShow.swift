import Pipeline
import SystemPackage
import Threads

/// Prints what happens to each file of the demo. One line for each event that a person wants to see.
final class DemoShow: Sendable {
    private let over = Mutex(false)

    /// Whether the end was shown.
    var isOver: Bool { over.withLock { $0 } }

    func end() {
        over.withLock { $0 = true }
    }

    func observe(_ event: PipelineEvent) {
        switch event {
        case .uploaded(let file, let receipt):
            let id = receipt.assetURN ?? receipt.mediaID ?? receipt.publicURL ?? "?"
            line("uploaded", file.path, "\(file.kind.rawValue) \(id)")
        case .reused(let file, let movedFrom):
            let from = movedFrom.map { "moved from \(name($0))" } ?? "the same bytes are up already"
            line("known", file.path, from)
        case .adopted(let file, let asset):
            line("known", file.path, "\(asset.host ?? "another host") brought the same bytes up")
        case .rejected(let path, let rejection):
            line("rejected", path, rejection.reason)
        case .status(let path, let status):
            line(status.rawValue, path, "the provider has processed it")
        case .postponed(let file, let reason, _), .hung(let file, let reason):
            line("waits", file.path, reason)
        case .changed(let path, let reason):
            line("settling", path, reason)
        case .accountBlocked(let account, let reason, _):
            Console.print("account \(account) waits: \(reason)")
        case .recordsClosed(_, let reason):
            Console.print("nothing can be recorded: \(reason)")
        case .failed(let stage, let reason):
            Console.print("could not \(stage): \(reason)")
        case .departureFailed(let path, let reason):
            line("stays", path, reason)
        case .queued, .sending, .answered, .gone, .sidecar, .skipped, .lookedThrough, .letGo, .departed, .stays,
            .accountOpen,
            .accountChanged,
            .paused, .resumed, .recordsOpen, .degraded, .unread, .hookFails, .hookWorks, .hookGaveUp, .hookLeft,
            .tryEnded, .settled, .sent, .called, .overflowed, .scanBegun, .hookRan:
            break
        }
    }

    private func line(_ what: String, _ path: FilePath, _ detail: String) {
        let file = name(path)
        Console.print("\(what.padded(to: 9)) \(file.padded(to: 24)) \(detail)")
    }

    /// The file's own name and its folder's. That is enough in the demo's flat folders.
    private func name(_ path: FilePath) -> String {
        printablePath(FilePath(root: nil, path.components.suffix(2)))
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
