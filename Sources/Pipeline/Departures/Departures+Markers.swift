import SystemPackage
import Watch

// The marker (`done_suffix`) of a file that has left its folder goes the same way.

extension Departures {
    /// Lets the marker of a file leave that has just left: removes it, or moves it beside the file at `movedTo`.
    ///
    /// The marker stays if another file has the name by now, or if it is in the way of another marker. It is not tried
    /// again: a marker without a file does nothing.
    func takeMarker(of departure: Departure, to movedTo: FilePath?, _ plan: FolderPlan) async throws {
        guard let done = plan.done else { return }
        let marker = done.marker(of: departure.path)
        let root = plan.path
        let goal = movedTo.map(done.marker)
        do {
            let reason = try await disk(of: departure, beneath: root)({
                try departure.takeMarker(marker, to: goal, beneath: root)
            })
            if let reason { services.observer(.stays(marker, reason: reason)) }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            services.observer(.stays(marker, reason: DepartureTrouble.words(for: error, plan.afterUpload)))
        }
    }
}

extension Departure {
    /// Removes the marker of this file, which has left, or moves it to `goal`. Returns why it stays; nil if it left, or
    /// there is none. Blocks.
    ///
    /// The marker is set aside first, as its file was, so no marker of a newer file is taken.
    fileprivate func takeMarker(_ marker: FilePath, to goal: FilePath?, beneath root: FilePath) throws -> String? {
        guard let there = try? FileStatus.of(marker, beneath: root), there.kind == .regular,
            there.version.speaks(of: version)
        else { return nil }
        let leaving = departure(of: marker, there.version)
        guard case .there(let looked) = try AsideFile.look(at: leaving, beneath: root, isQuiet: true) else {
            return "it is in use"
        }
        guard FileStatus.isGone(path, beneath: root) else { return "another file has come that it may speak of" }
        guard case .aside(let aside) = try looked.setAside() else { return "it has changed" }
        do {
            guard FileStatus.isGone(path, beneath: root) else {
                return try aside.stay("another file has come that it may speak of")
            }
            guard let goal else { return try aside.delete().reasonToStay }
            return try aside.move(to: goal)
        } catch {
            // A marker that cannot leave stays visible. If this fails as well, the next scan finds it aside.
            _ = try? aside.stay("")
            throw error
        }
    }

    /// The departure of this file's marker. It is recorded nowhere.
    private func departure(of marker: FilePath, _ version: FileVersion) -> Departure {
        Departure(
            id: id,
            folder: folder,
            root: root,
            path: marker,
            version: version,
            account: account,
            action: action,
            sha256: sha256,
            status: status,
            aim: nil,
            recordedAt: recordedAt,
            attempts: attempts
        )
    }
}

extension AsideFile {
    /// Moves a marker to this path, by a copy if need be. Returns why it stays; nil if it left.
    fileprivate func move(to goal: FilePath) throws -> String? {
        guard let name = goal.lastComponent else { return try stay("it has no name there") }
        let directory = try OpenDirectory(goal.removingLastComponent())
        switch try move(into: directory, as: name, at: goal) {
        case .ended(let ending): return ending.reasonToStay
        case .isTaken: return try stay("\(goal) is there already")
        case .needsCopy: break
        }
        guard let hidden = departure.copyName else { return try stay("it has no name there") }
        let copy = try FileCopy(as: hidden, in: directory)
        do {
            var offset: Int64 = 0
            while case let chunk = try copy.append(from: file, at: offset), !chunk.isEmpty {
                offset += Int64(chunk.count)
            }
            try copy.seal(like: file)
            if let reason = try objection() {
                try copy.discard()
                return try stay(reason)
            }
            guard try copy.publish(as: name) else {
                try copy.discard()
                return try stay("\(goal) is there already")
            }
        } catch {
            try? copy.discard()
            throw error
        }
        try remove()
        return nil
    }

    /// Gives a marker its name back, and returns the reason.
    fileprivate func stay(_ reason: String) throws -> String {
        _ = try putBack(reason)
        return reason
    }
}

extension DepartureEnding {
    /// Nil if the file has left.
    fileprivate var reasonToStay: String? {
        if case .returned(_, let reason) = self { reason } else { nil }
    }
}
