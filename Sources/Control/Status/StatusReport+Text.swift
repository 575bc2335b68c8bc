import Pipeline
import SystemPackage

extension StatusReport {
    /// How a report is written for people.
    package struct Style {
        let now: Timestamp
        /// The columns of the terminal; nil without one: nothing is cut then.
        let width: Int?
        /// Writes a moment.
        let time: (Timestamp) -> String
        /// Makes a text of others safe for a terminal.
        let printable: (String) -> String

        package init(
            now: Timestamp,
            width: Int?,
            time: @escaping (Timestamp) -> String,
            printable: @escaping (String) -> String
        ) {
            self.now = now
            self.width = width
            self.time = time
            self.printable = printable
        }
    }

    /// Problems first, then the folders, what waits, and what goes up.
    package func lines(_ style: Style) -> [String] {
        var lines = [head(style)]
        for problem in problems { lines += problemLines(problem, style) }
        lines +=
            section(folderLines(style)) + section(workLines(style)) + section(fleetLines(style))
            + section(lastLines(style))
        return lines
    }

    private func fleetLines(_ style: Style) -> [String] {
        guard let fleet else { return [] }
        var words = ["\(fleet.host), \(Words.count(fleet.members.count, "host", "hosts"))"]
        let silent = fleet.members.filter { $0.silentSince != nil }.map(\.name)
        if !silent.isEmpty { words.append("silent: \(silent.joined(separator: ", "))") }
        if let unpublished = fleet.unpublished, unpublished > 0 {
            words.append("\(Words.number(Int(unpublished))) changes to publish")
        }
        if !fleet.reachable { words.append("cannot be asked") }
        return Words.wrap(style.printable("FLEET  \(words.joined(separator: "; "))"), to: style.width, indent: "  ")
    }

    private func section(_ lines: [String]) -> [String] { lines.isEmpty ? [] : [""] + lines }

    private func head(_ style: Style) -> String {
        let started = startedAt.flatMap(Timestamp.init(iso8601:))
        let up = started.map { ", up \(Words.duration(Self.time(from: $0, to: style.now)))" } ?? ""
        let left = style.printable("outtray \(version) on \(host)\(up)")
        let word = state.rawValue
        guard let width = style.width else { return "\(left)  \(word)" }
        return DisplayWidth.pad(left, to: max(DisplayWidth.of(left) + 2, width - word.count)) + word
    }

    private func problemLines(_ problem: Problem, _ style: Style) -> [String] {
        var text = "\(problem.severity == .error ? "!" : "-") \(problem.message)"
        if let since = moment(problem.since, style) { text += " (since \(since))" }
        if let next = moment(problem.next, style) { text += ", looked at again \(next)" }
        let fix =
            problem.fix.map { Words.wrap(style.printable($0), to: style.width, first: "    ", indent: "    ") } ?? []
        return Words.wrap(style.printable(text), to: style.width, indent: "  ") + fix
    }

    private func folderLines(_ style: Style) -> [String] {
        guard !folders.isEmpty else { return [] }
        var table = TextTable([.left, .left, .left, .right, .right, .right, .cut])
        table.add(["FOLDER", "ACCOUNT", "WATCH", "UP", "WAIT", "REJECTED", "LAST"])
        for folder in folders {
            let files = folder.files
            table.add([
                style.printable(folder.name), style.printable(folder.account), watchWords(folder),
                Words.number(files.uploaded), Words.number(files.settling + files.queued + files.uploading),
                Words.number(files.rejected), folder.lastUploaded.map { lastWords($0, style) } ?? "-",
            ])
        }
        let skips = folders.compactMap { folder in
            folder.files.skipped.map {
                "SKIPPED  \(Words.number($0)) in \(folder.name) lay there before it was watched"
            }
        }
        return table.lines(width: style.width)
            + skips.flatMap { Words.wrap(style.printable($0), to: style.width, indent: "  ") }
    }

    private func watchWords(_ folder: Folder) -> String {
        guard let watch = folder.watch else { return "-" }
        switch watch {
        case "inotify": return "inotify, \(Words.number(folder.directories ?? 0))"
        case "polling": return "polling, \(Words.number(folder.polledDirectories ?? 0))"
        case "both":
            return
                "inotify, \(Words.number(folder.directories ?? 0)); polling, \(Words.number(folder.polledDirectories ?? 0))"
        default: return watch
        }
    }

    private func lastWords(_ word: Word, _ style: Style) -> String {
        "\(moment(word.at, style) ?? "") \(Self.name(word.path, style))"
    }

    /// What waits, and what goes up.
    private func workLines(_ style: Style) -> [String] {
        var waits = TextTable([.left, .right, .left, .right, .left])
        for (index, wait) in waiting.enumerated() {
            let oldest = wait.oldest.flatMap(Timestamp.init(iso8601:))
            waits.add([
                index == 0 ? "WAITING" : "", Words.number(wait.files), style.printable(words(of: wait)),
                ByteCount(wait.bytes).description,
                oldest.map { "oldest \(Words.duration(Self.time(from: $0, to: style.now)))" } ?? "",
            ])
        }
        var sends = TextTable([.left, .cut, .right, .right, .right, .left])
        for (index, upload) in uploading.enumerated() {
            sends.add([index == 0 ? "SENDING" : "", Self.name(upload.path, style)] + Self.columns(of: upload))
        }
        return waits.lines(width: style.width) + sends.lines(width: style.width)
    }

    private static func columns(of upload: Upload) -> [String] {
        guard upload.phase == UploadBoard.Phase.sending.rawValue else {
            let words = UploadBoard.Phase(rawValue: upload.phase)?.words ?? upload.phase
            return ["", ByteCount(upload.bytes).description, "", words]
        }
        let percent = upload.bytes > 0 ? upload.sent * 100 / upload.bytes : 0
        let rest = [
            upload.etaSeconds.flatMap { $0 > 0 ? "\(Words.duration(.seconds($0))) left" : nil },
            upload.parts > 1 ? "part \(min(upload.partsDone + 1, upload.parts)) of \(upload.parts)" : nil,
        ]
        return [
            "\(percent) %", part(upload.sent, of: upload.bytes),
            upload.bytesPerSecond > 0 ? "\(ByteCount(upload.bytesPerSecond))/s" : "",
            rest.compactMap(\.self).joined(separator: "  "),
        ]
    }

    /// `84 of 200 MB`, or `900 kB of 200 MB`: a unit that both have stands once.
    private static func part(_ sent: Int64, of bytes: Int64) -> String {
        let (part, whole) = (ByteCount(sent).description, ByteCount(bytes).description)
        let (number, unit) = (part.prefix { $0 != " " }, part.drop { $0 != " " })
        return "\(whole.hasSuffix(unit) ? String(number) : part) of \(whole)"
    }

    /// What files wait for. Of two accounts with the same words, each is named.
    private func words(of wait: Waiting) -> String {
        guard let subject = wait.subject, waiting.count(where: { $0.text == wait.text }) > 1 else { return wait.text }
        return "\(subject): \(wait.text)"
    }

    private func lastLines(_ style: Style) -> [String] {
        guard let word = lastError, let at = moment(word.at, style) else { return [] }
        let text = "\(at) \(word.path): \(word.message ?? "")"
        let space = String(repeating: " ", count: 12)
        return Words.wrap(style.printable(text), to: style.width, first: "LAST ERROR  ", indent: space)
    }

    private func moment(_ text: String?, _ style: Style) -> String? {
        text.flatMap(Timestamp.init(iso8601:)).map(style.time)
    }

    private static func time(from start: Timestamp, to end: Timestamp) -> Duration {
        .milliseconds(max(0, end.milliseconds - start.milliseconds))
    }

    /// The name of a file, without its directories.
    private static func name(_ path: String, _ style: Style) -> String {
        style.printable(path.split(separator: "/").last.map(String.init) ?? path)
    }
}

extension UploadBoard.Phase {
    /// What a person reads of a file that is not being sent yet, or any more.
    package var words: String {
        switch self {
        case .reading: "is read"
        case .pace: "waits for the account's pace"
        case .asking: "the provider is asked"
        case .sending: "is sent"
        case .finishing: "is finished"
        }
    }
}

extension StatusReport {
    /// All that matters on one line, without times: it changes only when something has happened.
    package var line: String {
        let files = folders.reduce(into: (up: 0, rejected: 0)) { sums, folder in
            sums.up += folder.files.uploaded
            sums.rejected += folder.files.rejected
        }
        let waits = waiting.map { "\(Words.number($0.files)) wait (\($0.text))" }
        let parts =
            [state.rawValue] + problems.map(\.message) + waits
            + [uploading.isEmpty ? nil : "\(uploading.count) uploading", "\(Words.number(files.up)) up"]
            .compactMap(\.self) + (files.rejected > 0 ? ["\(Words.number(files.rejected)) rejected"] : [])
        return parts.joined(separator: "; ")
    }
}
