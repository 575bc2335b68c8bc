import Pipeline
import SystemPackage
import Watch

/// What `outtray check --unit` tells: findings, and what to add to the unit.
struct UnitReport {
    let findings: [Finding]
    let remedy: UnitRemedy

    /// Looks at the unit and at what the configuration needs. Changes nothing. Blocks. `isNamed`: a person named the
    /// configuration, and it is no default.
    ///
    /// - Throws: `ConfigurationError`.
    static func look(_ given: ConfigurationFile, isNamed: Bool, unit file: FilePath?) async throws -> UnitReport {
        let reading: UnitSource.Reading
        do throws(UnitSource.Problem) {
            reading = try await UnitSource.read(file: file)
        } catch {
            let finding = Finding(name: .unit, verdict: .wrong, message: error.reason, fix: error.fix)
            return UnitReport(findings: [finding], remedy: UnitRemedy())
        }
        // The state directory that the service gets, not the one of this shell.
        var environment = given.environment
        let state = reading.settings.ownDirectories.first { $0.starts(with: "/var/lib") }
        environment["STATE_DIRECTORY"] = state?.string
        let own = isNamed ? nil : reading.settings.configuration
        let configured = ConfigurationFile(given: own?.string ?? given.path, environment: environment)
        let path = PathArgument(FilePath(configured.path)).absolute
        let configuration = try configured.read()
        let probe = FolderProbe.look(at: configuration.folders)
        let answers = UnitCheck.answers(
            to: UnitNeed.all(of: configuration, file: path),
            of: configuration,
            reading.settings,
            user: UnitUser(reading.settings),
            disk: UnitCheck.Disk(isSilent: { probe.isSilent($0) })
        )
        return UnitReport(
            findings: [self.finding(of: reading)] + [Self.doubt(about: path, reading.settings)].compactMap(\.self)
                + answers.map(\.finding),
            remedy: answers.map(\.remedy).reduce(UnitRemedy(), +)
        )
    }

    /// That the service reads another configuration than this one, if its unit says so.
    static func doubt(
        about path: FilePath,
        _ settings: UnitSettings,
        resolve: (FilePath) -> FilePath = { $0.resolved() }
    ) -> Finding? {
        guard settings.knowsCommand else { return nil }
        let own = settings.configuration ?? "/etc/outtray/outtray.yaml"
        guard resolve(own) != resolve(path) else { return nil }
        return Finding(
            name: .unit,
            verdict: .weak,
            message: "the service reads \(printablePath(own)), and this check \(printablePath(path))",
            fix: "to check what the service reads: --config \(UnitRemedy.shellWord(own))"
        )
    }

    private static func finding(of reading: UnitSource.Reading) -> Finding {
        let files = reading.files.map(printablePath).joined(separator: ", ")
        guard reading.isStale else { return Finding(name: .unit, message: files) }
        return Finding(
            name: .unit,
            verdict: .weak,
            message: "\(files): they have changed since systemd read them, and this is of before",
            fix: "systemctl daemon-reload, and check again"
        )
    }

    /// The findings, and below them what to add and to run.
    func text(isColoured: Bool) -> String {
        var lines = findings.map { $0.line(isColoured: isColoured) }
        if !remedy.lines.isEmpty {
            lines += ["", "For the unit (systemctl edit outtray, then systemctl restart outtray):", "", "[Service]"]
            lines += remedy.lines.map(printable)
        }
        if !remedy.commands.isEmpty { lines += ["", "As root:", ""] + remedy.commands.map(printable) }
        return lines.joined(separator: "\n")
    }

    /// As for any check, with the lines of the drop-in and the commands beside the findings.
    var json: JSON {
        .object([
            "schema": .integer(1),
            "checks": .array(findings.map(\.json)),
            "dropIn": .array(remedy.lines.map(JSON.string)),
            "commands": .array(remedy.commands.map(JSON.string)),
        ])
    }
}
