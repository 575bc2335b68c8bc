import Foundation
import Sandbox
import Subprocess
import SystemPackage
import TestSupport

/// A recipe's file in `etc/examples/recipes`.
enum Recipe {
    static let directory = FilePath(#filePath).removingLastComponent().pushing("../../../etc/examples/recipes")

    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: directory.appending(name).string, encoding: .utf8)
    }
}

extension Bench {
    /// The key of the sandbox in tests of recipes. No other process has it, so it may be looked for in all of them.
    static let recipeKey = "pb_live_recipe_\(UInt64.random(in: 0...UInt64.max))"

    /// Installs all recipes as they are, and an `outtray` that takes this bench's configuration.
    func installRecipes() throws {
        try makeDirectory("bin")
        for name in try FileManager.default.contentsOfDirectory(atPath: Recipe.directory.string)
        where [".sh", ".py", ".mjs"].contains(where: name.hasSuffix) {
            try write(Array(try Recipe.text(name).utf8), to: "bin/\(name)", permissions: [.ownerReadWriteExecute])
        }
        let command =
            "#!/bin/sh\nword=$1\nshift\nexec '\(BuiltBinary.path)' \"$word\" --config '\(configuration)' \"$@\"\n"
        try write(Array(command.utf8), to: "bin/outtray", permissions: [.ownerReadWriteExecute])
    }

    /// What the recipes take from the environment.
    var recipeSettings: [Environment.Key: String?] {
        [
            "PATH": "\(root)/bin:" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
            "HOME": root.string, "OUTTRAY_CONFIG": nil,
            "POSTBREEZE_URL": addresses.postbreeze, "POSTBREEZE_KEY_FILE": "\(root)/main.key",
            "POSTBREEZE_ACCOUNT": "soc_1",
            "CONNECTSAFELY_URL": addresses.connectSafely, "CONNECTSAFELY_KEY_FILE": "\(root)/linkedin.key",
            "CONNECTSAFELY_ACCOUNT": "test",
            "JOURNAL": journalFile.string, "POSTED": "\(root)/posted",
        ]
    }

    /// Runs a recipe with these settings to its end.
    func recipe(_ words: [String], _ more: [Environment.Key: String?] = [:]) async throws -> Ending {
        let result = try await Subprocess.run(
            Executable(of: words),
            arguments: Arguments(Array(words.dropFirst())),
            environment: .inherit.updating(recipeSettings.merging(more) { _, new in new }),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return Ending(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }

    /// The posts that were made of one file's asset.
    func posts(of entry: Manifest.Entry) -> [SandboxPage.Post] {
        page.posts.filter { $0.assets == [entry.id ?? ""] }
    }

    /// How the calls for posts were answered, in order.
    var postStatuses: [Int] { page.calls.filter { $0.route.hasPrefix("POST /posts") && !$0.isUpload }.map(\.status) }
}

extension SandboxPage.Call {
    /// Whether it is a call of an upload, of those that are POSTs beneath `/posts`.
    var isUpload: Bool { route.contains("/upload/") }
}

/// Runs a bench with a folder for each provider, a key that no other process has, and the recipes in `bin`.
///
/// Images and documents take a moment to be processed.
func withRecipes(
    folders: [Bench.Folder] = [
        .init(settle: "100ms", lines: [#"sidecars: ["*.txt"]"#]),
        .init(name: "talks", account: "linkedin", settle: "100ms"),
    ],
    _ body: (Bench) async throws -> Void
) async throws {
    try await withBench(
        folders,
        sandbox: { settings in
            settings.keys.insert(Bench.recipeKey)
            settings.weather.normaliseImagesFor = .seconds(1)
            settings.weather.documentsProcessFor = .seconds(1)
        }
    ) { bench in
        try bench.writeKey(Bench.recipeKey, of: "main")
        try bench.installRecipes()
        try await body(bench)
    }
}
