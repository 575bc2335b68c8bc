import SystemPackage

/// Why a directory is polled and not watched.
package enum PollCause: Hashable, Sendable {
    /// The configuration wants that.
    case configured
    /// Its file system, of this name, does not tell of all changes.
    case fileSystem(String)
    /// The canary heard nothing of its file system, of this name.
    case unheard(String)
    case tooFewWatches
    /// There is no inotify instance, by this error.
    case noInotify(Errno)
    /// The kernel does not watch it, by this error.
    case refused(Errno)

    /// The cause for people, as the rest of a sentence on the directories.
    package var words: String {
        switch self {
        case .configured: "the configuration wants that (watch: poll)"
        case .fileSystem(let name): "\(name) does not tell of changes by others"
        case .unheard(let name): "inotify told nothing of \(name) within \(Canary.patience.components.seconds) s"
        case .tooFewWatches: "there are too few inotify watches"
        case .noInotify(let error): "there is no inotify instance to be had (\(error))"
        case .refused(let error): "inotify does not watch them (\(error))"
        }
    }

    /// Whether it is neither wanted nor in the nature of the file system.
    package var isTrouble: Bool {
        switch self {
        case .configured, .fileSystem: false
        case .unheard, .tooFewWatches, .noInotify, .refused: true
        }
    }

    /// Whether the directory needs a watch, and is to have one as soon as the kernel gives it.
    package var needsWatch: Bool {
        switch self {
        case .tooFewWatches, .noInotify, .refused: true
        case .configured, .fileSystem, .unheard: false
        }
    }

    /// Whether a limit of the kernel has run out.
    var isOfLimit: Bool {
        switch self {
        case .tooFewWatches, .noInotify: true
        case .configured, .fileSystem, .unheard, .refused: false
        }
    }

    /// What a person can do; nil if polling is right, or nothing is known to help.
    ///
    /// `directories`: how many need a watch; `others`: what other processes have. Both as far as they are known.
    package func advice(needing directories: Int? = nil, others: InotifyUse? = nil) -> String? {
        switch self {
        case .configured, .fileSystem, .refused: nil
        case .unheard: "if that is right, set watch: poll in the folder; if not, watch: inotify"
        case .tooFewWatches: InotifyRoom.present(.watches, others: others).advice(needing: directories)
        case .noInotify: InotifyRoom.present(.instances, others: others).advice()
        }
    }
}
