import SystemPackage
import Watch

/// A departing file that was set aside: looked at once more, it is removed, moved, or put back. Its calls block.
struct AsideFile: Sendable {
    /// What came of the try to set a file aside.
    enum Taking: Sendable {
        case aside(AsideFile)
        case ended(DepartureEnding)
    }

    /// What a look at a departing file found.
    enum Looking: Sendable {
        case there(LookedFile)
        case aside(AsideFile)
        case ended(DepartureEnding)
    }

    /// What came of the try to move a file to a name.
    enum Placing: Sendable {
        case ended(DepartureEnding)
        /// Somebody else has that name by now.
        case isTaken
        /// No rename leads there: another file system, or one that cannot do it.
        case needsCopy
    }

    let place: AsidePlace
    /// The directory in which it lies now.
    private let home: OpenDirectory
    let file: SourceFile
    /// Whether it goes also where the kernel does not tell who has it open: it has been quiet for long.
    private let isQuiet: Bool

    fileprivate init(place: AsidePlace, home: OpenDirectory, file: SourceFile, isQuiet: Bool) {
        self.place = place
        self.home = home
        self.file = file
        self.isQuiet = isQuiet
    }

    /// Sets the file aside, if it is the very version that went up and nobody has it open for writing; or finds the one that
    /// an earlier try has set aside.
    ///
    /// - Throws: `Errno`, `SourceFileError`: it cannot be done now.
    static func take(
        _ departure: Departure,
        beneath root: FilePath,
        isQuiet: Bool,
        canRename: Bool = true
    ) throws -> Taking {
        switch try look(at: departure, beneath: root, isQuiet: isQuiet, canRename: canRename) {
        case .there(let file): try file.setAside()
        case .aside(let file): .aside(file)
        case .ended(let ending): .ended(ending)
        }
    }

    /// The same, without setting it aside yet.
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
            return try resume(place, home, isQuiet: isQuiet)
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
        default: return .there(LookedFile(place: place, file: file, isQuiet: isQuiet))
        }
    }

    /// Puts back what an earlier try has set aside: the file is to stay. Returns its path where that is another one.
    static func putBack(_ departure: Departure, beneath root: FilePath) throws -> DepartureEnding? {
        guard let place = try AsidePlace(of: departure, beneath: root), let home = try place.leftover() else {
            return nil
        }
        return .returned(as: try place.putBack(from: home), reason: "it is to stay after all")
    }

    private static func resume(_ place: AsidePlace, _ home: OpenDirectory, isQuiet: Bool) throws -> Looking {
        do throws(SourceFileError) {
            let file = try SourceFile(place.aside, in: home)
            return .aside(AsideFile(place: place, home: home, file: file, isQuiet: isQuiet))
        } catch {
            guard [.missing, .notRegular].contains(error) else { throw error }
            let path = try place.putBack(from: home)
            return .ended(.returned(as: path, reason: "another one has taken its place"))
        }
    }

    /// Removes the file, if nothing speaks against it; puts it back otherwise.
    func delete() throws -> DepartureEnding {
        if let reason = try objection() { return try putBack(reason) }
        CrashPoint.departureCleared.reached()
        try remove()
        return .left(to: nil)
    }

    /// Removes the file, whose bytes lie elsewhere by now. One that was given up for hung may have done so already.
    func remove() throws {
        do throws(Errno) {
            try home.remove(place.aside)
        } catch {
            guard error == .noSuchFileOrDirectory else { throw error }
        }
        try place.leave(home)
        CrashPoint.departed.reached()
    }

    /// Moves the file to a name in another directory, if nothing speaks against it and the name is free.
    func move(into directory: OpenDirectory, as name: FilePath.Component, at path: FilePath) throws -> Placing {
        if let reason = try objection() { return .ended(try putBack(reason)) }
        CrashPoint.departureCleared.reached()
        do throws(Errno) {
            try home.move(place.aside, into: directory, as: name)
        } catch {
            switch error {
            case .fileExists: return .isTaken
            // No link to another user's file (fs.protected_hardlinks), or none at all.
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

    /// Why the file must not leave after all; nil where it may: it is the file that went up, nobody has changed it or has it
    /// open for writing, and its directory is in the folder.
    func objection() throws -> String? {
        let version = place.departure.version
        guard let there = try home.status(of: place.aside), there.kind == .regular,
            FileIdentity(there.version) == FileIdentity(version), FileIdentity(file.version) == FileIdentity(version)
        else { return "another one has taken its place" }
        guard try file.currentVersion().hasSameBytes(as: version) else { return "it has changed" }
        switch Self.writer(of: file, place) {
        case true?: return "somebody has it open for writing"
        case nil where !isQuiet: return "it cannot be told whether somebody writes to it"
        default: break
        }
        return try place.isInPlace() ? nil : "its directory was moved out of the folder"
    }

    /// Whether somebody has the file open for writing; nil where the kernel does not tell.
    private static func writer(of file: SourceFile, _ place: AsidePlace) -> Bool? {
        switch file.isHeldForWriting {
        case true?: true
        case false? where place.isWatchedByKernel: false
        default: nil
        }
    }
}

/// A departing file that may be set aside: the very version that went up, and nobody has it open for writing.
struct LookedFile: Sendable {
    fileprivate let place: AsidePlace
    let file: SourceFile
    fileprivate let isQuiet: Bool

    /// Sets aside what has the file's name by now. Blocks.
    func setAside() throws -> AsideFile.Taking {
        guard try file.isUnchanged() else { return .ended(.changed) }
        CrashPoint.departureLooked.reached()
        do {
            let home = try place.setAside()
            CrashPoint.setAside.reached()
            return .aside(AsideFile(place: place, home: home, file: file, isQuiet: isQuiet))
        } catch Errno.noSuchFileOrDirectory {
            return .ended(.missing)
        }
    }
}
