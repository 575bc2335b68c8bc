import ArgumentParser
import Pipeline

/// One line of `outtray check`: what was looked at, how it is, and what to do about it.
struct Finding: Hashable, Sendable {
    /// What was looked at. The names are a contract with scripts.
    enum Name: String, Sendable, CaseIterable {
        case configuration
        case state
        case service
        case ledger
        case space
        case manifest
        case account
        case key
        case folder
        case hook
        case listen
        /// Whether this host can work with its fleet.
        case fleet
        case watch
        case inotify
        case clock
        case user
        case online
        /// The service's unit, with `--unit`.
        case unit
    }

    /// How it is, from good to bad.
    enum Verdict: Int, Sendable, CaseIterable {
        case ok
        /// Files go up, and something works less well than it could.
        case weak
        /// Some files wait until it is mended.
        case waiting
        /// This user may not do it.
        case denied
        /// No start, or no upload, before it is mended.
        case wrong

        /// The exit code of a check that found nothing worse; nil for success.
        var exitCode: ExitCode? {
            switch self {
            case .ok, .weak: nil
            case .waiting: ExitStatus.tryAgain
            case .denied: ExitStatus.noPermission
            case .wrong: ExitStatus.configuration
            }
        }
    }

    let name: Name
    /// Which of several: a folder's or an account's name, or empty.
    var subject = ""
    var verdict = Verdict.ok
    let message: String
    /// What mends it; nil if all is well, or if the message says it.
    var fix: String?

    /// The line for people, on one line whatever names hold. `isColoured`: the mark is green, yellow or red.
    func line(isColoured: Bool) -> String {
        let what = [name.rawValue, subject].filter { !$0.isEmpty }.joined(separator: " ")
        return mark(isColoured: isColoured) + printable("\(what): \(message)")
            + (fix.map { printable(" — \($0)") } ?? "")
    }

    /// Four columns wide.
    private func mark(isColoured: Bool) -> String {
        let (text, colour) =
            switch verdict {
            case .ok: ("ok", 32)
            case .weak: ("!", 33)
            case .waiting, .denied, .wrong: ("no", 31)
            }
        let space = String(repeating: " ", count: 4 - text.count)
        return (isColoured ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text) + space
    }

    var json: JSON {
        .object([
            "name": .string(name.rawValue),
            "subject": .string(subject),
            "ok": .bool(verdict == .ok),
            "message": .string(message),
            "fix": fix.map(JSON.string) ?? .null,
        ])
    }
}

extension [Finding] {
    /// One object for scripts, schema 1. Fields may be added.
    var json: JSON {
        .object(["schema": .integer(1), "checks": .array(map(\.json))])
    }

    /// The exit code of the worst; nil if nothing keeps files from going up.
    var exitCode: ExitCode? {
        map(\.verdict).max { $0.rawValue < $1.rawValue }.flatMap(\.exitCode)
    }
}
