import Glibc
import Pipeline
import Subprocess
import SystemPackage
import Threads
import Watch

/// Where the settings of a unit come from: systemd, or files.
struct UnitSource {
    /// What was read, and from where.
    struct Reading: Equatable, Sendable {
        var settings: UnitSettings
        /// The unit's file, then its drop-ins.
        var files: [FilePath]
        /// Whether systemd knows an older state of the files.
        var isStale = false
    }

    /// Why there are no settings; for people.
    struct Problem: Error {
        let reason: String
        var fix: String?
    }

    static let unit = "outtray.service"

    /// Where systemd looks for a system's units, the first found first (systemd.unit(5)).
    static let directories: [FilePath] = [
        "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
        "/lib/systemd/system",
    ]

    /// Reads the named file with the drop-ins beside it; without a name, the unit of this machine's service.
    static func read(file: FilePath?) async throws(Problem) -> Reading {
        if let file { return try read(file, dropIns: dropIns(in: [dropInDirectory(of: file)])) }
        // sd_booted(3): without the directory, no systemd runs that could be asked.
        if access("/run/systemd/system", F_OK) == 0 { return try await asked() }
        return try found(in: directories)
    }

    /// The unit and its drop-ins in systemd's directories, as systemd would read them.
    static func found(in directories: [FilePath]) throws(Problem) -> Reading {
        let files = directories.map { $0.appending(unit) }
        guard let file = files.first(where: { access($0.string, F_OK) == 0 }) else {
            throw Problem(
                reason: "there is no \(unit) on this machine",
                fix: "install a package (docs/install.md), or name a file: outtray check --unit FILE"
            )
        }
        let places = directories.flatMap { [$0.appending("service.d"), dropInDirectory(of: $0.appending(unit))] }
        return try read(file, dropIns: dropIns(in: places))
    }

    private static func dropInDirectory(of file: FilePath) -> FilePath {
        file.removingLastComponent().appending("\(file.lastComponent?.string ?? unit).d")
    }

    /// The drop-ins of these directories, in the order of their names. Of one name, the first directory's counts.
    private static func dropIns(in directories: [FilePath]) -> [FilePath] {
        var files: [String: FilePath] = [:]
        for directory in directories {
            for name in ProcFile.names(in: directory.string) ?? [] where name.hasSuffix(".conf") {
                files[name] = files[name] ?? directory.appending(name)
            }
        }
        // A link to /dev/null has systemd pass over all drop-ins of that name.
        return files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
            .filter { $0.resolved() != "/dev/null" }
    }

    private static func read(_ file: FilePath, dropIns: [FilePath]) throws(Problem) -> Reading {
        let files = [file] + dropIns
        return Reading(settings: UnitSettings(try assignments(in: files), isOfFiles: true), files: files)
    }

    private static func assignments(in files: [FilePath]) throws(Problem) -> [UnitAssignment] {
        var assignments: [UnitAssignment] = []
        for file in files {
            do {
                assignments += UnitText.service(try RegularFile.content(of: file, most: 1 << 20))
            } catch {
                throw Problem(reason: "\(printablePath(file)) cannot be read: \(error)")
            }
        }
        return assignments
    }

    // MARK: systemd

    /// How long systemctl may take. It waits 25 s for systemd itself, where that has begun to answer (sd-bus).
    private static let patience = Duration.seconds(30)

    /// Asks systemd what is in force.
    private static func asked() async throws(Problem) -> Reading {
        let arguments = [
            "--system", "--no-pager", "--all", "show", unit, "--property=\(UnitSettings.keys.joined(separator: ","))",
        ]
        let output: [UInt8]
        do {
            let answer = try await within(patience) {
                let result = try await Subprocess.run(
                    .name("systemctl"),
                    arguments: Arguments(arguments),
                    output: .bytes(limit: 1 << 20),
                    error: .string(limit: 1 << 16)
                )
                guard result.terminationStatus.isSuccess else {
                    let said = result.standardError.split(separator: "\n").last.map(String.init)
                    throw Problem(reason: "systemctl show \(unit): \(said ?? "it did not say why")")
                }
                return result.standardOutput
            }
            guard let answer else {
                throw Problem(reason: "systemctl show \(unit): no answer within \(patience.components.seconds) s")
            }
            output = answer
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(reason: "systemctl cannot be asked: \(error)")
        }
        return try reading(shown: output)
    }

    /// What `systemctl show` printed. That it ended well does not say that there is such a unit: `LoadState=` does.
    static func reading(shown output: [UInt8]) throws(Problem) -> Reading {
        let assignments = UnitText.shown(output)
        var reader = UnitReader(assignments, isOfFiles: false)
        let state = reader.text("LoadState")
        guard state == "loaded" else {
            throw Problem(
                reason: "systemd has no \(unit) (LoadState=\(state))",
                fix: "install a package (docs/install.md), or name a file: outtray check --unit FILE"
            )
        }
        let files = (reader.words("FragmentPath") + reader.words("DropInPaths")).map { FilePath(bytes: $0) }
        var settings = UnitSettings(assignments, isOfFiles: false)
        if let own = try? Self.assignments(in: files) { settings.adopt(files: own) }
        return Reading(settings: settings, files: files, isStale: reader.truth("NeedDaemonReload"))
    }
}
