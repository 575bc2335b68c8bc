import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Watch

/// Random trees and random patterns, judged by `git check-ignore` and by Outtray. `OUTTRAY_TEST_SEED` repeats a run,
/// `OUTTRAY_TEST_TREES` sets how many trees there are.
@Suite(.timeLimit(.minutes(5))) struct GitTests {
    private static let git = ["/usr/bin/git", "/usr/local/bin/git"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static let trees = ProcessInfo.processInfo.environment["OUTTRAY_TEST_TREES"].flatMap { Int($0) } ?? 40

    /// Names without those that Outtray passes over itself.
    private static let names = [
        "a", "b", "ab", "ba", "a.b", "b.c", "A", "x y", "a ", "[a]", "!a", "a*", "a\\b", "é", "aab",
    ]

    @Test(.enabled(if: git != nil, "git is not installed"))
    func `files are ignored exactly as git ignores them, by the same line of the same file`() throws {
        var generator = SeededGenerator()
        var judged = (ignored: 0, taken: 0)
        for _ in 0..<Self.trees {
            let folder = try TemporaryFolder()
            try Self.run(["init", "-q"], in: folder)
            let paths = try Self.tree(in: folder, &generator)
            let texts = try Self.patterns(in: folder, paths, &generator)
            let answers = try Self.answers(to: paths, in: folder)
            let watched = folder.watched()
            let files = try IgnoreFiles(of: watched)
            #expect(answers.count == paths.count)
            for (path, answer) in zip(paths, answers) {
                let place = folder.path.pushing(FilePath(path.name))
                let own = Self.words(watched.exclusion(of: place, isDirectory: path.isDirectory, files), in: folder)
                #expect(own == answer, "\(path) in \(texts)")
                if answer == nil { judged.taken += 1 } else { judged.ignored += 1 }
            }
        }
        #expect(judged.ignored > Self.trees && judged.taken > Self.trees, "\(judged)")
    }

    private struct Place {
        let name: String
        let isDirectory: Bool
    }

    private static func tree(in folder: TemporaryFolder, _ generator: inout SeededGenerator) throws -> [Place] {
        var directories = [""]
        var places: [String: Bool] = [:]
        for _ in 0..<30 {
            let parent = directories.randomElement(using: &generator) ?? ""
            let name = parent + (names.randomElement(using: &generator) ?? "a")
            if places[name] != nil || name.utf8.count > 60 { continue }
            let isDirectory = Bool.random(using: &generator)
            places[name] = isDirectory
            let path = folder.path.pushing(FilePath(name))
            if isDirectory {
                try Disk.makeDirectory(path)
                directories.append("\(name)/")
            } else {
                try Disk.write(to: path)
            }
        }
        return places.sorted { $0.key < $1.key }.map { Place(name: $0.key, isDirectory: $0.value) }
    }

    /// Writes the same patterns for git and for Outtray. Returns them.
    private static func patterns(
        in folder: TemporaryFolder,
        _ places: [Place],
        _ generator: inout SeededGenerator
    ) throws -> [String: String] {
        var texts: [String: String] = [:]
        let directories = [""] + places.filter(\.isDirectory).map(\.name)
        for directory in directories where directory.isEmpty || Int.random(in: 0..<3, using: &generator) == 0 {
            let lines = (0..<Int.random(in: 1...6, using: &generator)).map { _ in line(places, &generator) }
            let text = lines.joined(separator: "\n") + (Bool.random(using: &generator) ? "\n" : "")
            texts[directory] = text
            for name in [".gitignore", ".outtrayignore"] {
                try Disk.write(text, to: folder.path.pushing(FilePath(directory)).appending(name))
            }
        }
        return texts
    }

    private static func line(_ places: [Place], _ generator: inout SeededGenerator) -> String {
        let atoms = [
            "a", "b", "c", ".", "*", "*", "**", "?", "/", "/", "**/", "/**/", "/**", "[ab]", "[!a]", "[^b]", "[a-c]",
            "[]a]",
            "[[:alpha:]]", "[[:upper:]b]", "[a-]", "[z-a]", "[", "]", "\\a", "\\*", "\\", "\\ ", " ", "x y", "é", "A",
            "!", "#",
        ]
        var body: String
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: body = places.randomElement(using: &generator)?.name ?? "a"
        case 1: body = names.randomElement(using: &generator) ?? "a"
        default:
            body = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                atoms.randomElement(using: &generator) ?? ""
            }
            .joined()
        }
        if Int.random(in: 0..<4, using: &generator) == 0 { body = "/" + body }
        if Int.random(in: 0..<4, using: &generator) == 0 { body = "!" + body }
        if Int.random(in: 0..<4, using: &generator) == 0 { body += "/" }
        if Int.random(in: 0..<8, using: &generator) == 0 {
            body += ["  ", "\r", "\t"].randomElement(using: &generator) ?? ""
        }
        return body
    }

    /// For each path the file and the line that ignore it, as git says; nil for a path that is not ignored.
    private static func answers(to places: [Place], in folder: TemporaryFolder) throws -> [String?] {
        let input = Data(places.map { "\($0.name)\0" }.joined().utf8)
        let output = try run(["check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"], in: folder, input)
        let fields = output.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        return stride(from: 0, to: fields.count - 3, by: 4).map { index in
            fields[index].isEmpty || fields[index + 2].hasPrefix("!") ? nil : "\(fields[index]):\(fields[index + 1])"
        }
    }

    private static func words(_ exclusion: WatchedFolder.Exclusion?, in folder: TemporaryFolder) -> String? {
        switch exclusion {
        case nil: return nil
        case .ignored(_, let match):
            guard case .file(var path, let line) = match.source, path.removePrefix(folder.path) else {
                return "\(match)"
            }
            path.removeLastComponent()
            return "\(path.appending(".gitignore")):\(line)"
        default: return "\(String(describing: exclusion))"
        }
    }

    @discardableResult
    private static func run(_ arguments: [String], in folder: TemporaryFolder, _ input: Data = Data()) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(git))
        process.arguments =
            ["-C", folder.path.string, "-c", "core.excludesFile=/dev/null", "-c", "core.ignoreCase=false"] + arguments
        process.environment = [
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "HOME": "/nonexistent",
        ]
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        try process.run()
        // A pipe holds 64 KiB, and both sides of this talk are smaller.
        try standardInput.fileHandleForWriting.write(contentsOf: input)
        try standardInput.fileHandleForWriting.close()
        let output = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return output
    }
}
