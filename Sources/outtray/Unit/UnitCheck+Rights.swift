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
        if settings.ownDirectories.contains(where: { path.starts(with: $0) || need.path.starts(with: $0) }), need.writes
        {
            return nil
        }
        var place = FilePath("/")
        for component in path.components.dropLast() {
            place.append(component)
            if let trouble = trouble(with: .enter, at: place, isWhole: false, need) { return trouble }
        }
        if need.kind == .runFile, !settings.noExec.isEmpty, let word = noExec(path) { return word }
        let isWhole = need.kind == .readDirectory || need.kind == .writeDirectory
        return trouble(with: need.needs, at: path, isWhole: isWhole, need)
    }

    private func trouble(
        with needs: FileRights.Needs,
        at place: FilePath,
        isWhole: Bool,
        _ need: UnitNeed
    ) -> RightsTrouble? {
        switch disk.rights(place) {
        case .success(let rights):
            if !user.may(needs, rights) {
                let spot = place == need.path ? "" : " at \(printablePath(place))"
                let words = "user \(user.name) lacks the right \(needs.letters)\(spot)"
                let remedy = UnitRemedy.granting(needs, at: place, rights, to: user, isWhole: isWhole)
                return RightsTrouble(words: words, remedy: remedy)
            }
            if isWhole, need.writes, rights.isSticky, rights.owner != user.id, !user.mayWriteAll {
                let remedy = UnitRemedy(commands: ["chmod -t \(UnitRemedy.shellWord(place))"])
                return RightsTrouble(words: "only owners may remove files there (its sticky bit)", remedy: remedy)
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
        let line = "ExecPaths=\(UnitText.word(path, prefix: "-"))"
        return RightsTrouble(words: "NoExecPaths= forbids it", remedy: UnitRemedy(lines: [line]))
    }
}
