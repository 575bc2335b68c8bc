import Glibc
import SystemPackage

// File permissions: whether the unit's user gets through the directories above, and at the place itself.

extension UnitCheck {
    /// What file permissions keep a service from, or that this user may not look.
    struct RightsTrouble {
        let words: String
        let remedy: UnitRemedy
        /// Whether it is a fault, and not only something that this user may not look at.
        var isKnown = true
    }

    /// Why the user may not use `path`, which is one of the machine; nil if it may.
    func rightsTrouble(_ need: UnitNeed, _ path: FilePath) -> RightsTrouble? {
        let own = ownDirectory(holding: path)
        let isGiven = own.map(isGivenWhole) ?? false
        var place = FilePath("/")
        for component in path.components.dropLast() {
            place.append(component)
            // systemd opens the way to a directory of the unit's own.
            if let own, own.starts(with: place) { continue }
            if let trouble = trouble(with: .enter, at: place, isOwner: isGiven, isWhole: false, need) { return trouble }
        }
        // The directory itself is made if it is not there, and given to the user.
        if path == own { return nil }
        if need.kind == .runFile, !settings.noExec.isEmpty, let word = noExec(path) { return word }
        let isWhole = need.kind == .readDirectory || need.kind == .writeDirectory
        return trouble(with: need.needs, at: path, isOwner: isGiven, isWhole: isWhole, need)
    }

    /// The deepest directory of the unit's own that holds a path of the machine, itself such a path.
    private func ownDirectory(holding path: FilePath) -> FilePath? {
        var places = settings.ownDirectories.flatMap { [$0, disk.resolve($0)] }
        if settings.isDynamicUser {
            let kept = settings.ownDirectories.filter { $0.starts(with: "/var/lib") }
            places += kept.map(UnitSettings.privateDirectory)
        }
        return places.filter { path.starts(with: $0) }.max { $0.components.count < $1.components.count }
    }

    /// Whether the next start gives all that is in the directory to the user. systemd does so if and only if the
    /// directory itself is another's (`path_chown_recursive()`).
    private func isGivenWhole(_ own: FilePath) -> Bool {
        guard case .success(let rights) = disk.rights(own) else { return false }
        return rights.owner != user.id
    }

    private func trouble(
        with needs: FileRights.Needs,
        at place: FilePath,
        isOwner isGiven: Bool,
        isWhole: Bool,
        _ need: UnitNeed
    ) -> RightsTrouble? {
        switch disk.rights(place) {
        case .success(let rights):
            let isOwner = isGiven || user.id == rights.owner
            if isWhole, need.removes, rights.isSticky, !isOwner, !user.mayRemoveAll {
                let remedy = UnitRemedy.owning(place, rights, by: user)
                return RightsTrouble(words: "only owners may remove files there (its sticky bit)", remedy: remedy)
            }
            if !user.may(needs, rights, isOwner: isGiven) {
                let spot = place == need.path ? "" : " at \(printablePath(place))"
                let words = "user \(user.name) lacks the right \(needs.letters)\(spot)"
                let remedy = UnitRemedy.granting(
                    needs,
                    at: place,
                    rights,
                    to: user,
                    isOwner: isOwner,
                    isWhole: isWhole
                )
                return RightsTrouble(words: words, remedy: remedy)
            }
            return nil
        case .failure(.noSuchFileOrDirectory), .failure(.notDirectory):
            let words = place == need.path ? "it is not there" : "\(printablePath(place)) is not there"
            let command = need.kind == .readFile || need.kind == .runFile ? nil : UnitRemedy.shellWord(need.path)
            let remedy = UnitRemedy(
                advice: command.map { "mount what belongs there, or mkdir -p \($0), and check again" } ?? "put it there"
            )
            return RightsTrouble(words: words, remedy: remedy)
        case .failure:
            let words = "this user may not look at \(printablePath(place))"
            return RightsTrouble(words: words, remedy: UnitRemedy(advice: "run this check with sudo"), isKnown: false)
        }
    }

    /// Whether `NoExecPaths=` keeps a program from being started. The deepest place decides.
    private func noExec(_ path: FilePath) -> RightsTrouble? {
        let allowed = settings.exec.map { disk.resolve($0.path) }.filter { path.starts(with: $0) }
        let denied = settings.noExec.map { disk.resolve($0.path) }.filter { path.starts(with: $0) }
        guard let deepest = denied.map(\.components.count).max(),
            deepest >= allowed.map(\.components.count).max() ?? -1
        else { return nil }
        let line = UnitRemedy.line("ExecPaths", UnitText.word(path, prefix: "-"))
        return RightsTrouble(words: "NoExecPaths= forbids it", remedy: .of([line]))
    }
}
