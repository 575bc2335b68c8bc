import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// What a start refuses, a reload refuses as well: nothing changes, and it is said.
    struct RefusedReloadTests {
        /// A configuration that is not taken.
        enum Fault: String, CaseIterable, CustomTestStringConvertible {
            case unknownKey = "an unknown key"
            case noFolder = "no folder"
            case manifest = "a manifest in a directory that is not there"
            case stateDirectory = "another state directory"

            var testDescription: String { rawValue }

            func yaml(_ bench: Bench) -> String {
                let good = bench.yaml([.init()])
                switch self {
                case .unknownKey: return good + "nonsense: 1\n"
                case .noFolder:
                    return String(good[..<(good.range(of: "folders:")?.lowerBound ?? good.endIndex)]) + "folders: {}\n"
                case .manifest: return good.replacing("\(bench.root)/manifest.json", with: "\(bench.root)/no/m.json")
                case .stateDirectory: return good.replacing("\(bench.root)/state", with: "\(bench.root)/state2")
                }
            }

            /// What the status and the log say.
            var words: String {
                switch self {
                case .unknownKey: "nonsense"
                case .noFolder: "no folder is named"
                case .manifest: "manifest.path"
                case .stateDirectory: "restart"
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: Fault.allCases)
        func `nothing changes, and the log and the service manager's status say why`(fault: Fault) async throws {
            try await withBench { bench in
                let good = bench.yaml([.init()])
                let socket = try NotifySocket(bench.path("notify"))
                try await withProcess(
                    BuiltBinary.command(["run", "--config", bench.configuration.string]),
                    environment: ["NOTIFY_SOCKET": bench.path("notify").string],
                    logFile: bench.path("daemon.log")
                ) { daemon in
                    #expect(try await socket.next().contains("READY=1"))
                    try bench.write(Array(fault.yaml(bench).utf8), to: "outtray.yaml")
                    try daemon.send(SIGHUP)
                    #expect(try await socket.next().contains("RELOADING=1"))
                    let refused = try await socket.next()
                    #expect(refused.contains("READY=1") && refused.contains("not taken"), "\(refused)")
                    #expect(refused.contains(fault.words), "\(refused)")
                    #expect(refused.split(separator: "\n").count == 2, "a status is one line: \(refused)")
                    try await daemon.waitForLog("configuration not taken") { $0.contains(fault.words) }
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")

                    try bench.write(Array(good.utf8), to: "outtray.yaml")
                    try daemon.send(SIGHUP)
                    #expect(try await socket.next().contains("RELOADING=1"))
                    let ready = try await socket.next()
                    #expect(ready.contains("READY=1") && !ready.contains("not taken"), "\(ready)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [Fault.noFolder, .manifest])
        func `a start and check refuse the same`(fault: Fault) async throws {
            try await withBench { bench in
                try bench.write(Array(fault.yaml(bench).utf8), to: "outtray.yaml")

                for command in ["check", "run", "sync"] {
                    let ending = try await bench.run(command)

                    #expect(ending.code == 78, "\(command): \(ending)")
                    #expect(ending.error.contains(fault.words), "\(command): \(ending)")
                }
                #expect(!bench.exists("no"), "a directory was made")
            }
        }
    }
}
