import Glibc
import SystemPackage

/// Whether inotify is to be relied on in a directory.
///
/// The configuration decides, or else the kind of file system. Where that does not tell, the ``Canary`` does. Each file
/// system is asked once a scan.
struct EventTrust {
    enum Verdict: Equatable {
        case watch
        /// To be watched, though this file system does not tell of all changes.
        case watchDespite(fileSystem: String)
        case poll(PollCause)
    }

    let mode: WatchMode
    private let canary: Canary
    private let kind: (FileDescriptor) -> FileSystemKind
    /// The canary's answers, by the number of the file system (`st_dev`).
    private var answers: [UInt64: Canary.Answer] = [:]

    /// `kind` replaces the look at the file system, for tests.
    init(
        mode: WatchMode,
        canary: Canary = Canary(),
        kind: @escaping (FileDescriptor) -> FileSystemKind = FileSystemKind.of
    ) {
        self.mode = mode
        self.canary = canary
        self.kind = kind
    }

    /// Decides for an open directory. Where the canary is asked, blocks for five seconds if it hears nothing.
    mutating func verdict(on directory: FileDescriptor) -> Verdict {
        if mode == .poll { return .poll(.configured) }
        switch (kind(directory), mode) {
        case (.silent(let name), .inotify): return .watchDespite(fileSystem: name)
        case (.silent(let name), _): return .poll(.fileSystem(name))
        case (.local, _), (.uncertain, .inotify): return .watch
        case (.uncertain(let name), _):
            switch answer(of: directory) {
            case .heard: return .watch
            case .silent: return .poll(.unheard(name))
            case .untried(.noSpace): return .poll(.tooFewWatches)
            case .untried(let error): return .poll(.refused(error))
            }
        }
    }

    /// Asks anew from now on: what was mounted may be another file system by now.
    mutating func forget() {
        answers = [:]
    }

    private mutating func answer(of directory: FileDescriptor) -> Canary.Answer {
        var status = stat()
        guard fstat(directory.rawValue, &status) == 0 else { return canary.answer(of: directory) }
        let fileSystem = UInt64(status.st_dev)
        if let answer = answers[fileSystem] { return answer }
        let answer = canary.answer(of: directory)
        answers[fileSystem] = answer
        return answer
    }
}
