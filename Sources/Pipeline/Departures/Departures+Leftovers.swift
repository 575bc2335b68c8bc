import SystemPackage
import Watch

// Files that were set aside, and that no departure leads back to.

extension Departures {
    /// Gives a file its own name back that an earlier process has set aside, and that no departure finds there. Called
    /// for each hidden name that a scan sees.
    ///
    /// Its departure does not find the file if somebody has renamed the directory since. There is no departure if
    /// `after_upload` is another one by now, or if the ledger was lost.
    func returnLeftover(_ path: FilePath, in folder: String) async {
        guard let name = path.lastComponent.flatMap(HiddenName.init), name.use != .copy,
            let plan = folders[folder], begin(name, at: path)
        else { return }
        defer { end(name) }
        do {
            let directory = path.removingLastComponent()
            let departure = try await services.durably { try await services.book.departure(name.departure) }
            let known = departure.flatMap { $0.version.inode == name.inode ? $0.path : nil }
            if known?.removingLastComponent() == directory { return }
            let own = known?.lastComponent ?? name.own
            let disk = DepartureDisk(
                threads: services.disks.threads[folder],
                patience: services.disks.patience,
                root: plan.path,
                leaving: {},
                late: {}
            )
            let now = try await disk { () -> FilePath? in
                guard let place = try AsidePlace(name, of: own, in: directory, beneath: plan.path),
                    let home = try place.leftover()
                else { return nil }
                return try place.putBack(from: home)
            }
            guard let now else { return }
            services.observer(.stays(now, reason: "it was set aside under a hidden name, and its departure is over"))
            await services.changed(now, folder)
        } catch is CancellationError {
        } catch {
            let reason = DepartureTrouble.words(for: error, nil)
            if isNews(reason, in: folder) { services.observer(.departureFailed(path, reason: reason)) }
        }
    }
}
