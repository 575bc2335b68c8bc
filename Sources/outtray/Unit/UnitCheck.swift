import SystemPackage
import Watch

/// Compares what a unit gives with what a configuration needs. The part of `outtray check --unit` that has no side.
struct UnitCheck {
    /// What was found of one need, and what mends it.
    struct Answer: Equatable, Sendable {
        let finding: Finding
        var remedy = UnitRemedy()
    }

    /// How the disk is asked. A value of functions, so that tests need no disk.
    struct Disk: Sendable {
        /// The path without links.
        var resolve: @Sendable (FilePath) -> FilePath = { $0.resolved() }
        var rights: @Sendable (FilePath) -> Result<FileRights, Errno> = { path in
            do throws(Errno) {
                return .success(try FileRights.of(path))
            } catch {
                return .failure(error)
            }
        }
        /// Whether its file system does not answer, so that nothing is asked.
        var isSilent: @Sendable (FilePath) -> Bool = { _ in false }
    }

    let settings: UnitSettings
    let user: UnitUser
    let disk: Disk
    private let view: UnitView
    private var lists = UnitLists()

    init(_ settings: UnitSettings, user: UnitUser, disk: Disk = Disk()) {
        (self.settings, self.user, self.disk) = (settings, user, disk)
        view = UnitView(settings) { disk.isSilent($0) ? $0 : disk.resolve($0) }
    }

    /// The answers to all needs, in their order. First comes what concerns the unit as a whole.
    static func answers(
        to needs: [UnitNeed],
        of configuration: Configuration,
        _ settings: UnitSettings,
        user: UnitUser,
        disk: Disk = Disk()
    ) -> [Answer] {
        var check = UnitCheck(settings, user: user, disk: disk)
        check.lists.taken = Set(needs.compactMap(check.obstacle))
        check.lists.absent = Set(check.absentPlaces.map(\.path))
        let secrets =
            settings.knowsFiles ? check.credentials(of: configuration) + check.variables(of: configuration) : []
        return check.general() + check.absences() + needs.map(check.answer) + secrets
    }

    /// The entry of a list that has to go, as the unit names it, so that the service can do what it needs.
    private func obstacle(_ need: UnitNeed) -> FilePath? {
        let real = disk.isSilent(need.path) ? need.path : disk.resolve(need.path)
        switch view.sight(of: real) {
        case .hidden(let place): return place.isInTheWay(of: real) ? place.given : nil
        case .shown(_, let place?): return need.writes && place.isInTheWay(of: real) ? place.given : nil
        case .shown: return nil
        }
    }

    // MARK: One need

    /// How the service fares with a path.
    func answer(_ need: UnitNeed) -> Answer {
        if disk.isSilent(need.path) {
            return Answer(finding: finding(need, "its file system does not answer", .waiting, "mend or unmount it"))
        }
        let begun = need.name == .state ? beginning(of: need.path) : need.path
        let real = disk.resolve(begun)
        // With what a start makes. If it cannot, to open the directory above would give the service too much.
        var target = real
        for component in need.path.components.dropFirst(begun.components.count) { target.append(component) }
        let making = begun == need.path ? UnitRemedy() : UnitRemedy.making(target, for: user)
        // A link that is hidden leads nowhere, wherever it leads to.
        let way = need.path.removingLastComponent()
        if real != need.path, case .hidden(let place) = view.sight(of: way), !real.starts(with: place.path) {
            return hidden(need, real, place)
        }
        switch view.sight(of: real) {
        case .hidden(let place): return hidden(need, target, place, making)
        case .shown(let source, let readOnlyBy):
            var remedy = UnitRemedy()
            var troubles: [String] = []
            if need.writes, let place = readOnlyBy {
                remedy = .against(place, at: target, writes: true, settings, lists)
                troubles.append("\(place.cause) has it read-only")
            }
            let rights = rightsTrouble(need, source)
            if let rights {
                troubles.append(rights.words)
                if begun == need.path { remedy = remedy + rights.remedy }
            }
            remedy = remedy + making
            if troubles.isEmpty { return Answer(finding: finding(need, good(need), .ok)) }
            // What is not known is no fault, but what is known may be one.
            let isKnown = readOnlyBy != nil && need.writes || rights?.isKnown == true
            let verdict = isKnown ? need.verdict : .weak
            let message =
                "\(isKnown ? bad(need) : "nobody knows whether the service gets at it"): "
                + troubles.joined(separator: ", and ")
            return Answer(finding: finding(need, message, verdict, remedy.words), remedy: remedy)
        }
    }

    /// The state directory, or the nearest one above it that is there, or that systemd makes: a start makes the rest.
    private func beginning(of path: FilePath) -> FilePath {
        var path = path
        while !settings.ownDirectories.contains(path), case .failure(.noSuchFileOrDirectory) = disk.rights(path),
            path.removeLastComponent()
        {}
        return path
    }

    private func hidden(
        _ need: UnitNeed,
        _ real: FilePath,
        _ place: UnitView.Place,
        _ making: UnitRemedy = UnitRemedy()
    ) -> Answer {
        let remedy = UnitRemedy.against(place, at: real, writes: need.writes, settings, lists) + making
        let what = place.mode == .inaccessible ? "hides it" : "has something else there"
        return Answer(
            finding: finding(need, "\(bad(need)): \(place.cause) \(what)", need.verdict, remedy.words),
            remedy: remedy
        )
    }

    private func good(_ need: UnitNeed) -> String {
        switch need.kind {
        case .readDirectory, .readFile: "the service can read it"
        case .writeDirectory: "the service can read it and write there"
        case .runFile: "the service can start it"
        }
    }

    private func bad(_ need: UnitNeed) -> String {
        switch need.kind {
        case .readDirectory, .readFile: "the service cannot read it"
        case .writeDirectory: "the service cannot write there"
        case .runFile: "the service cannot start it"
        }
    }

    private func finding(_ need: UnitNeed, _ message: String, _ verdict: Finding.Verdict, _ fix: String? = nil)
        -> Finding
    {
        let text = "\(printablePath(need.path)) (\(need.purpose)): \(message)"
        return Finding(name: need.name, subject: need.subject, verdict: verdict, message: text, fix: fix)
    }

    // MARK: The unit as a whole

    /// What concerns no single path.
    private func general() -> [Answer] {
        var answers: [Answer] = []
        if !settings.root.isEmpty {
            let words =
                "the service has another root (\(settings.root)): what is said of paths holds on this machine alone"
            answers.append(Answer(finding: Finding(name: .unit, verdict: .weak, message: words)))
        }
        for text in settings.unread {
            let words = "\(text) is passed over: this check does not know what its % stands for"
            answers.append(Answer(finding: Finding(name: .unit, verdict: .weak, message: words)))
        }
        for missing in user.missing {
            let words = "the machine has no \(missing), and the service cannot start without"
            // The packages' own, which a file in sysusers.d makes.
            let isOwn = ["user outtray", "group outtray"].contains(missing)
            let remedy = UnitRemedy(commands: isOwn ? ["systemd-sysusers"] : [])
            let finding = Finding(
                name: .user,
                verdict: .wrong,
                message: words,
                fix: remedy.words ?? "make it, or name another"
            )
            answers.append(Answer(finding: finding, remedy: remedy))
        }
        if settings.mayLease { return answers }
        let remedy = UnitRemedy(lines: ["AmbientCapabilities=CAP_LEASE", "CapabilityBoundingSet=CAP_LEASE"])
        let words = "\(user.name), without CAP_LEASE: of other users' files the kernel does not tell who has them open"
        let finding = Finding(name: .user, verdict: .weak, message: words, fix: remedy.words)
        return answers + [Answer(finding: finding, remedy: remedy)]
    }

    /// Places that the unit names without `-`, and that are not there: then the service does not start.
    private var absentPlaces: [UnitPath] {
        let named = settings.readWrite + settings.readOnly + settings.inaccessible + settings.exec + settings.noExec
        return named.filter { given in
            guard !given.isOptional, !disk.isSilent(given.path) else { return false }
            guard case .failure(.noSuchFileOrDirectory) = disk.rights(given.path) else { return false }
            return true
        }
    }

    private func absences() -> [Answer] {
        let lists = [
            settings.readWrite, settings.readOnly, settings.inaccessible, settings.exec, settings.noExec,
        ]
        return absentPlaces.map { given in
            let words =
                "\(given.key)=\(UnitText.shownWord(given.path)) is not there, and without it the service does not start"
            let list = lists.first { $0.contains(given) } ?? []
            let remedy = UnitRemedy.of(self.lists.lines(list))
            let finding = Finding(name: .unit, verdict: .wrong, message: words, fix: remedy.words)
            return Answer(finding: finding, remedy: remedy)
        }
    }
}
