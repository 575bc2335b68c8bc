import SystemPackage
import Watch

/// A departing file that was set aside. After one more look it is removed, moved, or put back. Its calls block.
struct AsideFile: Sendable {
    /// The result of a try to set a file aside.
    enum Taking: Sendable {
        case aside(AsideFile)
        case ended(DepartureEnding)
    }

    /// The result of a look at a departing file.
    enum Looking: Sendable {
        case there(LookedFile)
        /// An earlier try, or an earlier process, has set the file aside. Nobody knows what became of its bytes since:
        /// see ``DepartureDisk/prove(_:)``.
        case leftover(AsideFile)
        case ended(DepartureEnding)
    }

    /// The result of a try to move a file to a name.
    enum Placing: Sendable {
        case ended(DepartureEnding)
        /// Another file has that name by now.
        case isTaken
        /// No rename leads there: the file system is another one, or cannot rename so.
        case needsCopy
    }

    let departure: Departure
    let place: AsidePlace
    /// The directory of the hidden name.
    private let home: OpenDirectory
    let file: SourceFile
    /// The file's version since it is aside. A write changes its ctime, whatever time the writer sets.
    private let version: FileVersion
    /// Whether the file has been quiet for long. Then it leaves even if the kernel does not tell who has it open.
    private let isQuiet: Bool

    /// Takes the file as it is now, under its hidden name.
    fileprivate init(
        _ departure: Departure,
        _ place: AsidePlace,
        in home: OpenDirectory,
        _ file: SourceFile,
        isQuiet: Bool
    )
        throws(SourceFileError)
    {
        self.departure = departure
        self.place = place
        self.home = home
        self.file = file
        self.isQuiet = isQuiet
        version = try file.currentVersion()
    }

    /// Looks at the file, or finds it set aside by an earlier try. The file must be the very version that went up, and
    /// must not be open for writing.
    ///
    /// - Throws: `Errno` or `SourceFileError` if it cannot be done now.
    static func look(
        at departure: Departure,
        beneath root: FilePath,
        isQuiet: Bool,
        canRename: Bool = true
    ) throws -> Looking {
        guard let place = try AsidePlace(of: departure, beneath: root, canRename: canRename) else {
            return .ended(.missing)
        }
        if let home = try place.leftover() {
            return try resume(departure, place, home, isQuiet: isQuiet)
        }
        let file: SourceFile
        do throws(SourceFileError) {
            file = try SourceFile(place.name, in: place.parent)
        } catch .missing, .notRegular {
            return .ended(.missing)
        }
        guard file.version == departure.version else { return .ended(.changed) }
        switch writer(of: file, place) {
        case true?: return .ended(.held)
        case nil where !isQuiet: return .ended(.untold)
        default: return .there(LookedFile(departure: departure, place: place, file: file, isQuiet: isQuiet))
        }
    }

    /// Puts back a file that an earlier try has set aside, as it is to stay. Returns nil if none was; otherwise the
    /// ending has the file's path.
    static func putBack(_ departure: Departure, beneath root: FilePath) throws -> DepartureEnding? {
        guard let place = try AsidePlace(of: departure, beneath: root), let home = try place.leftover() else {
            return nil
        }
        return .returned(as: try place.putBack(from: home), reason: "it is to stay after all")
    }

    private static func resume(_ departure: Departure, _ place: AsidePlace, _ home: OpenDirectory, isQuiet: Bool) throws
        -> Looking
    {
        do throws(SourceFileError) {
            let file = try SourceFile(place.aside, in: home)
            return .leftover(try AsideFile(departure, place, in: home, file, isQuiet: isQuiet))
        } catch {
            guard [.missing, .notRegular].contains(error) else { throw error }
            let path = try place.putBack(from: home)
            return .ended(.returned(as: path, reason: "another one has taken its place"))
        }
    }

    /// Removes the file unless something speaks against it. Otherwise puts it back.
    func delete() throws -> DepartureEnding {
        if let reason = try objection() { return try putBack(reason) }
        CrashPoint.departureCleared.reached()
        try remove()
        return .left(to: nil)
    }

    /// Removes the file, whose bytes lie elsewhere by now. A missing file is no error: a try that hung may have removed
    /// it.
    func remove() throws {
        do throws(Errno) {
            try home.remove(place.aside)
        } catch {
            guard error == .noSuchFileOrDirectory else { throw error }
        }
        try place.leave(home)
        CrashPoint.departed.reached()
    }

    /// Moves the file to a name in another directory. Puts it back if something speaks against it. Changes nothing if
    /// the name is taken or a copy is needed.
    func move(into directory: OpenDirectory, as name: FilePath.Component, at path: FilePath) throws -> Placing {
        if let reason = try objection() { return .ended(try putBack(reason)) }
        CrashPoint.departureCleared.reached()
        do throws(Errno) {
            try home.move(place.aside, into: directory, as: name)
        } catch {
            switch error {
            case .fileExists: return .isTaken
            // link(2) refuses another user's file (fs.protected_hardlinks), or the file system has no links.
            case .improperLink, .notPermitted, .notSupported, .tooManyLinks: return .needsCopy
            default: throw error
            }
        }
        try directory.sync()
        CrashPoint.moved.reached()
        try place.leave(home)
        CrashPoint.departed.reached()
        return .ended(.left(to: path))
    }

    func putBack(_ reason: String) throws -> DepartureEnding {
        .returned(as: try place.putBack(from: home), reason: reason)
    }

    /// Why the file must not leave after all; nil if it may.
    ///
    /// It may leave if it is the file that went up, unchanged, not open for writing, and its directory is in the
    /// folder.
    func objection() throws -> String? {
        let uploaded = departure.version
        guard let there = try home.status(of: place.aside), there.kind == .regular,
            FileIdentity(there.version) == FileIdentity(uploaded), FileIdentity(version) == FileIdentity(uploaded)
        else { return "another one has taken its place" }
        guard version.hasSameBytes(as: uploaded), try file.currentVersion() == version else { return "it has changed" }
        switch Self.writer(of: file, place) {
        case true?: return "somebody has it open for writing"
        case nil where !isQuiet: return "it cannot be told whether somebody writes to it"
        default: break
        }
        return try place.isInPlace() ? nil : "its directory was moved out of the folder"
    }

    /// Whether somebody has the file open for writing; nil if the kernel does not tell.
    private static func writer(of file: SourceFile, _ place: AsidePlace) -> Bool? {
        switch file.isHeldForWriting {
        case true?: true
        case false? where place.isWatchedByKernel: false
        default: nil
        }
    }
}

/// A departing file that may be set aside: the very version that went up, and not known to be open for writing.
struct LookedFile: Sendable {
    fileprivate let departure: Departure
    fileprivate let place: AsidePlace
    let file: SourceFile
    fileprivate let isQuiet: Bool

    /// Sets aside the file that has the name by now. Blocks.
    func setAside() throws -> AsideFile.Taking {
        guard try file.isUnchanged() else { return .ended(.changed) }
        CrashPoint.departureLooked.reached()
        do {
            let home = try place.setAside()
            CrashPoint.setAside.reached()
            return .aside(try AsideFile(departure, place, in: home, file, isQuiet: isQuiet))
        } catch Errno.noSuchFileOrDirectory {
            return .ended(.missing)
        }
    }
}
