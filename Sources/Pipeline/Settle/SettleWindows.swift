import SystemPackage

/// The settle window of each folder.
///
/// Each change is made where the window lies. A view of the names shares the storage of all windows as long as it
/// lives, and so does a copy of one: then a change of one file copies its whole window.
package struct SettleWindows<Instant: InstantProtocol> where Instant.Duration == Duration {
    private var windows: [String: SettleWindow<Instant>] = [:]

    package init() {}

    package subscript(folder: String) -> SettleWindow<Instant>? {
        get { windows[folder] }
        _modify { yield &windows[folder] }
    }

    /// A list of its own, so that windows may be changed meanwhile.
    private var folders: [String] { Array(windows.keys) }

    package mutating func forget(_ path: FilePath) {
        for folder in folders { windows[folder]?.forget(path) }
    }

    /// Forgets all files beneath a directory, and a file in its place.
    mutating func forget(beneath directory: FilePath) {
        for folder in folders { windows[folder]?.forget(beneath: directory) }
    }

    /// Takes the files that are quiet by now, at most `limit` of each folder.
    package mutating func takeQuiet(
        at instant: Instant,
        limit: (_ folder: String) -> Int
    ) -> [(folder: String, files: [SettleWindow<Instant>.Quiet])] {
        folders.map { ($0, windows[$0]?.takeQuiet(at: instant, limit: limit($0)) ?? []) }
    }

    // MARK: What it holds

    /// The earliest time at which a file of these folders may be quiet.
    func nextDeadline(where isAsked: (_ folder: String) -> Bool) -> Instant? {
        windows.compactMap { isAsked($0.key) ? $0.value.nextDeadline : nil }.min()
    }

    /// The number of files, those that keep changing included.
    var count: Int { windows.values.reduce(0) { $0 + $1.count } }

    /// How many files of each folder may be quiet soon.
    var countsInFirstRound: [String: Int] { windows.mapValues(\.countInFirstRound) }
}
