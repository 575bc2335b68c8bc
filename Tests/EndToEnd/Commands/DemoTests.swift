import Foundation
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray demo`.
    struct DemoTests {
        @Test(.timeLimit(.minutes(5)))
        func `the demo ends with the manifest's entries of both providers and exit code 0`() async throws {
            let root = try temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: root.string) }
            let directory = root.appending("demo")

            let ending = try await BuiltBinary.run(["demo", "--directory", directory.string])

            #expect(ending.code == 0, "\(ending)")
            let data = try Data(contentsOf: URL(fileURLWithPath: directory.appending("manifest.json").string))
            let manifest = try JSONDecoder().decode(Manifest.self, from: data)
            #expect(Set(manifest.entries.values.map(\.provider)) == ["postbreeze", "connectsafely"])
            let postbreeze = manifest.entries.values.filter { $0.provider == "postbreeze" }
            #expect(postbreeze.count == SampleFile.accepted.count)
            #expect(manifest.rejected.values.count { $0.folder == "postbreeze" } == SampleFile.rejected.count)
            let last = ending.lines.suffix(manifest.entries.count)
            let ids = Set(manifest.entries.values.compactMap(\.id))
            #expect(ids.count == manifest.entries.count)
            #expect(ids.allSatisfy { id in last.contains { $0.contains("\t\(id)\t") } }, "\(ending)")
            #expect(manifest.entries.values.allSatisfy { $0.status != "processing" })
        }

        @Test(.timeLimit(.minutes(5)))
        func `the command lines that the demo shows work`() async throws {
            let root = try temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: root.string) }
            let demo = try await BuiltBinary.run(["demo", "--directory", root.appending("demo").string])

            let commands = demo.lines.filter {
                $0.hasPrefix("  ") && $0.contains(" manifest ") && $0.contains("--config")
            }
            #expect(commands.count >= 2, "\(demo)")
            for command in commands {
                let words = command.split(separator: " ").map(String.init)
                let ending = try await BuiltBinary.run(Array(words.dropFirst()))

                #expect(ending.code == 0 && !ending.output.isEmpty, "\(command): \(ending)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `the demo does not touch a directory that is not empty`() async throws {
            let root = try temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: root.string) }
            try Data().write(to: URL(fileURLWithPath: root.appending("mine").string))

            let ending = try await BuiltBinary.run(["demo", "--directory", root.string])

            #expect(ending.code != 0)
            #expect(ending.error.contains("not empty"), "\(ending)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: root.string) == ["mine"])
        }
    }
}
