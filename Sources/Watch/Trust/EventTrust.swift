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
        /// Nothing is known of this file system. What is watched stays so. Anything else is tried by its watch itself.
        /// The cause says what the canary lacked.
        case undecided(PollCause)
    }

    let mode: WatchMode
    private let canary: Canary
    private let kind: (FileDescriptor) -> FileSystemKind
    /// The canary's answers, by the number of the file system (`st_dev`).
    private var answers: [UInt64: Canary.Answer] = [:]
    /// The file systems that were silent when the canary was last asked, before this scan.
    private var silentBefore: Set<UInt64> = []

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

    /// Decides for an open directory. Where the canary is asked, blocks for five seconds if it hears nothing. `goesOn`
    /// is asked meanwhile.
    mutating func verdict(on directory: FileDescriptor, while goesOn: () -> Bool = { true }) -> Verdict {
        if mode == .poll { return .poll(.configured) }
        switch (kind(directory), mode) {
        case (.silent(let name), .inotify): return .watchDespite(fileSystem: name)
        case (.silent(let name), _): return .poll(.fileSystem(name))
        case (.local, _), (.uncertain, .inotify): return .watch
        case (.uncertain(let name), _):
            let answer = answer(of: directory, while: goesOn)
            switch answer {
            case .heard: return .watch
            case .silent: return .poll(.unheard(name))
            case .untried(.noSpace): return .undecided(.tooFewWatches)
            case .untried(let error):
                return answer.decidesNothing ? .undecided(.noInotify(error)) : .poll(.refused(error))
            }
        }
    }

    /// Asks anew from now on: what was mounted may be another file system by now. `keepingSilent`: not where nothing
    /// was heard, as each such question takes five seconds.
    mutating func forget(keepingSilent: Bool = false) {
        for (fileSystem, answer) in answers {
            if answer == .silent { silentBefore.insert(fileSystem) } else { silentBefore.remove(fileSystem) }
        }
        answers = keepingSilent ? answers.filter { $0.value == .silent } : [:]
    }

    private mutating func answer(of directory: FileDescriptor, while goesOn: () -> Bool) -> Canary.Answer {
        guard let fileSystem = directory.device else { return canary.answer(of: directory, while: goesOn) }
        if let answer = answers[fileSystem] { return answer }
        let answer = canary.answer(of: directory, while: goesOn)
        if answer.decidesNothing { return silentBefore.contains(fileSystem) ? .silent : answer }
        answers[fileSystem] = answer
        return answer
    }
}
