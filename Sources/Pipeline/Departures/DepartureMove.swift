import SystemPackage
import Watch

/// Moves a file to its place beneath the target: by a rename, or by a copy if no rename leads there.
///
/// Its new path is durable before it goes there, so a restart finds it. A copy is whole, durable, and equal to the
/// bytes that went up before the file itself goes.
///
/// The file is set aside last. It lies where it was during a copy to another device, and while the target is missing or
/// full. Only if a rename on its own device fails is it copied afterwards.
struct DepartureMove: Sendable {
    let departure: Departure
    let root: FilePath
    let target: FilePath
    /// The path of the file's directory beneath its folder.
    let directory: FilePath
    /// Whether the file leaves even if the kernel does not tell who has it open.
    let isQuiet: Bool
    /// The places of the watched folders.
    let places: HeldPlaces
    let targets: MoveTargets
    /// Runs the blocking work.
    let look: DepartureDisk
    /// Why the file is to stay after all, asked once a slow copy is done; nil if it may leave.
    let objection: @Sendable () async throws -> String?
    /// Records the new path of the file, durably.
    let aim: @Sendable (FilePath) async throws -> Void

    func run() async throws -> DepartureEnding {
        let (target, directory, departure, root, isQuiet) = (target, directory, departure, root, isQuiet)
        let (places, targets) = (places, targets)
        let place = try await look {
            try places.checkFolder(of: departure, at: root)
            let place = try targets.open(target).makeDirectories(directory)
            // A link or a mount may have brought the target into a folder. The file would come back again and again.
            try places.check("the target \(target)", at: target.pushing(directory))
            return place
        }
        switch try await look({ try AsideFile.look(at: departure, beneath: root, isQuiet: isQuiet) }) {
        case .ended(.missing):
            // An earlier try has moved the file, but its end was not recorded.
            let arrival = try await look { departure.arrival }
            return arrival.map { .left(to: $0) } ?? .missing
        case .ended(let ending): return ending
        case .leftover(let file):
            if let ending = try await look.prove(file) { return ending }
            return try await move(file, nil, to: place)
        case .there(let file):
            var copy: FileCopy?
            if try await look({ try place.identity().device != departure.version.device }) {
                copy = try await self.copy(of: file.file, to: place)
                guard copy != nil else { return .returned(as: departure.path, reason: DepartureTrouble.otherBytes) }
            } else {
                try await look { try place.checkWritable() }
            }
            let prepared = copy
            if let reason = try await objection() {
                try await look { try prepared?.discard() }
                return .returned(as: departure.path, reason: reason)
            }
            switch try await look({ try file.setAside() }) {
            case .aside(let file): return try await move(file, prepared, to: place)
            case .ended(let ending):
                try await look { try prepared?.discard() }
                return ending
            }
        }
    }

    private func move(_ aside: AsideFile, _ prepared: FileCopy?, to place: OpenDirectory) async throws
        -> DepartureEnding
    {
        if try await isThere(in: place) { return try await removeOriginal(aside, at: departure.aim) }
        let arrival: Arrival
        do {
            arrival = try await bring(aside, prepared, to: place)
        } catch let error where !(error is CancellationError || error is Unanswered) {
            // Nothing has arrived: a file that cannot leave stays visible. If this fails as well, the next try finds
            // the file aside.
            _ = try? await look { try aside.putBack("it could not be moved") }
            throw error
        }
        switch arrival {
        case .ended(let ending): return ending
        case .copied(let path): return try await removeOriginal(aside, at: path)
        }
    }

    /// What came of the way to the target.
    private enum Arrival {
        case ended(DepartureEnding)
        /// A copy lies at this path, and the file is to be removed.
        case copied(FilePath)
    }

    /// Renames or copies the file to a free name at the target.
    private func bring(_ aside: AsideFile, _ prepared: FileCopy?, to place: OpenDirectory) async throws -> Arrival {
        var copy = prepared
        let names = NumberedName(aside.place.name)
        while let name = try await look({ try place.firstFree(names) }) {
            let path = target.pushing(directory).appending(name)
            try await aim(path)
            CrashPoint.aimRecorded.reached()
            if let copy {
                if let arrival = try await publish(copy, of: aside, as: name, at: path) { return arrival }
                continue
            }
            switch try await look({ try aside.move(into: place, as: name, at: path) }) {
            case .ended(let ending): return .ended(ending)
            case .isTaken: continue
            case .needsCopy:
                copy = try await self.copy(of: aside.file, to: place)
                if copy == nil { return .ended(try await look { try aside.putBack(DepartureTrouble.otherBytes) }) }
            }
        }
        throw Errno.fileExists
    }

    /// Copies a file to `place`, whole and durable. Returns nil if its bytes are not those that went up.
    private func copy(of file: SourceFile, to place: OpenDirectory) async throws -> FileCopy? {
        guard let hidden = departure.copyName else { throw Errno.invalidArgument }
        let copy = try await look { try FileCopy(as: hidden, in: place) }
        do {
            let taken = try await look.digest { try copy.append(from: file, at: $0) }
            try await look { try copy.seal(like: file) }
            let arrived = try await look.digest { try copy.read(at: $0) }
            guard taken == departure.sha256, arrived == taken else {
                try await look { try copy.discard() }
                return nil
            }
        } catch {
            // Frees the room on a full disk.
            try? await look { try copy.discard() }
            throw error
        }
        CrashPoint.copied.reached()
        return copy
    }

    /// Gives the copy its name. Returns nil if the name was taken meanwhile.
    private func publish(_ copy: FileCopy, of aside: AsideFile, as name: FilePath.Component, at path: FilePath)
        async throws -> Arrival?
    {
        let ending = try await look { () -> DepartureEnding? in
            guard let reason = try aside.objection() else { return nil }
            try copy.discard()
            return try aside.putBack(reason)
        }
        if let ending { return .ended(ending) }
        guard try await look({ try copy.publish(as: name) }) else { return nil }
        CrashPoint.moved.reached()
        return .copied(path)
    }

    /// Removes the file, as it is at its place beneath the target. If the file has changed meanwhile, it stays: the
    /// copy has the bytes that went up.
    private func removeOriginal(_ aside: AsideFile, at path: FilePath?) async throws -> DepartureEnding {
        try await look {
            if let reason = try aside.objection() { return try aside.putBack(reason) }
            CrashPoint.departureCleared.reached()
            try aside.remove()
            return .left(to: path)
        }
    }

    /// Whether an earlier try has put the file, or a copy of it, there already.
    private func isThere(in place: OpenDirectory) async throws -> Bool {
        guard let name = departure.aim?.lastComponent,
            departure.aim?.removingLastComponent() == target.pushing(directory)
        else { return false }
        let size = departure.version.size
        let copy = try await look { () -> SourceFile? in
            guard try place.status(of: name)?.version.size == size else { return nil }
            return try? SourceFile(name, in: place)
        }
        guard let copy else { return false }
        return try await look.digest { try copy.read(at: $0, count: FileCopy.chunkLength) } == departure.sha256
    }
}
