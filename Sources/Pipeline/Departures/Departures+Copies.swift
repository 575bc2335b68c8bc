import SystemPackage

// Copies that an earlier try, or an earlier process, has begun beneath a target.

extension Departures {
    /// Removes the copy of a file that does not go there after all. Mostly there is none.
    func discardCopies(of departure: Departure, _ plan: FolderPlan?) async throws {
        let places = departure.placesOfCopies(plan)
        if places.isEmpty { return }
        try await disk(of: departure, beneath: departure.root)({
            for place in places { departure.discardCopy(in: place) }
        })
    }
}

/// A directory beneath the target of a move.
struct TargetPlace: Hashable, Sendable {
    let target: FilePath
    /// The directory's path beneath the target.
    let directory: FilePath
}

extension Departure {
    /// Where a try may have begun a copy: by the configuration at the upload, by the one in force, and by what is
    /// recorded.
    func placesOfCopies(_ plan: FolderPlan?) -> Set<TargetPlace> {
        let places = [
            place(by: action, beneath: root),
            plan.flatMap { place(by: $0.afterUpload, beneath: $0.path) },
            aim.map { TargetPlace(target: $0.removingLastComponent(), directory: FilePath("")) },
        ]
        return Set(places.compactMap(\.self))
    }

    private func place(by action: AfterUpload, beneath root: FilePath) -> TargetPlace? {
        guard case .move(let target) = action else { return nil }
        var directory = path.removingLastComponent()
        return directory.removePrefix(root) ? TargetPlace(target: target, directory: directory) : nil
    }

    /// Removes the copy there. Follows no link beneath the target. Blocks.
    fileprivate func discardCopy(in place: TargetPlace) {
        guard let name = copyName, let directory = try? OpenDirectory(place.target).directory(place.directory) else {
            return
        }
        try? directory.remove(name)
    }
}
