import SystemPackage

/// The size of a watched folder as the watcher meets it: its directories, and what it cannot read.
package struct FolderExtent: Equatable, Sendable {
    /// The directories that take a watch each, the folder itself included.
    package private(set) var directories = 0
    /// Directories and `.outtrayignore` files that cannot be read, files that cannot be looked at, and the first of
    /// them.
    package private(set) var unread = 0
    package private(set) var firstUnread: FilePath?
    /// Why the folder is polled; nil if it is watched.
    package private(set) var polled: PollCause?
    /// The name of a file system that does not tell of all changes, and is watched all the same.
    package private(set) var trusted: String?
    /// Whether the count has come to its end.
    package private(set) var isWhole = true

    /// Counts the directories beneath a folder. Blocks for as long as its file system does.
    ///
    /// `goesOn` is asked before each directory. If the answer is no, the count ends where it is.
    package init(of folder: WatchedFolder, while goesOn: () -> Bool = { true }) {
        self.init(of: folder, trust: EventTrust(mode: folder.options.mode), while: goesOn)
    }

    init(of folder: WatchedFolder, trust: EventTrust, while goesOn: () -> Bool = { true }) {
        var trust = trust
        var waiting: [([FilePath.Component], DirectoryRules)] = [([], DirectoryRules(folder.ignore))]
        while case (let components, var rules)? = waiting.popLast() {
            guard goesOn() else {
                isWhole = false
                return
            }
            do throws(Errno) {
                let reader = try DirectoryReader(root: folder.path, components: components)
                if components.isEmpty {
                    switch trust.verdict(on: reader.descriptor, while: goesOn) {
                    case .watch: break
                    case .watchDespite(let name): trusted = name
                    case .poll(let cause), .undecided(let cause): polled = cause
                    }
                }
                directories += 1
                rules.take(.read(in: reader.descriptor, ignoringCase: folder.ignore.ignoresCase))
                if rules.unknown != nil {
                    unread += 1
                    firstUnread = firstUnread ?? folder.path.appending(components + [IgnoreFile.name])
                    continue
                }
                while let entry = try reader.next() {
                    if entry.failure != nil, !rules.ignores(entry.name, isDirectory: false),
                        let name = entry.name.component
                    {
                        unread += 1
                        firstUnread = firstUnread ?? folder.path.appending(components + [name])
                    }
                    guard folder.recursive, entry.kind == .directory, !rules.ignores(entry.name, isDirectory: true),
                        let name = entry.name.component
                    else { continue }
                    var below = rules
                    below.enter(entry.name)
                    waiting.append((components + [name], below))
                }
            } catch {
                // It has left since its name was read.
                if FileStatus.meansGone(error) { continue }
                unread += 1
                firstUnread = firstUnread ?? folder.path.appending(components)
            }
        }
    }
}
