import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray check --unit FILE`: what a unit lets the service do with this configuration.
    struct UnitTests {
        private func write(_ lines: String..., in bench: Bench) throws -> String {
            let text = "[Service]\nAmbientCapabilities=CAP_LEASE\nUser=\(getuid())\n\(lines.joined(separator: "\n"))\n"
            try bench.write(Array(text.utf8), to: "o.service")
            return bench.path("o.service").string
        }

        private func line(_ start: String, of ending: Ending) -> String? {
            ending.lines.first { $0.dropFirst(4).hasPrefix(start) }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a unit that allows everything needs nothing, and a private tmp hides the folder`() async throws {
            try await withBench { bench in
                let open = try await bench.run("check", "--unit", write(in: bench))
                #expect(open.code == 0, "\(open)")
                #expect(line("folder inbox: \(bench.path("inbox"))", of: open)?.hasPrefix("ok") == true, "\(open)")
                #expect(!open.output.contains("[Service]"))
                #expect(bench.page.calls.isEmpty)

                guard bench.path("inbox").starts(with: "/tmp") else { return }
                let unit = try write("PrivateTmp=yes", in: bench)
                let closed = try await bench.run("check", "--unit", unit)

                #expect(closed.code == 78, "\(closed)")
                #expect(line("folder inbox: ", of: closed)?.contains("PrivateTmp=yes") == true, "\(closed)")
                #expect(closed.lines.contains("BindReadOnlyPaths=-\(bench.path("inbox"))"), "\(closed)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `the lines that it prints, put into a drop-in, mend what it found`() async throws {
            try await withBench { bench in
                try bench.write(Array(bench.yaml([.init(lines: ["after_upload: delete"])]).utf8), to: "outtray.yaml")
                try bench.makeDirectory("state")
                let unit = try write("ProtectSystem=strict", in: bench)

                let before = try await bench.run("check", "--unit", unit, "--json")
                #expect(before.code == 78, "\(before)")
                guard case .array(let lines)? = try JSONTree(parsing: Array(before.output.utf8))["dropIn"] else {
                    Issue.record("no dropIn in \(before)")
                    return
                }
                #expect(lines.compactMap(\.string).contains("ReadWritePaths=-\(bench.path("inbox"))"), "\(before)")
                let dropIn = "[Service]\n" + lines.compactMap(\.string).joined(separator: "\n")
                try bench.makeDirectory("o.service.d")
                try bench.write(Array(dropIn.utf8), to: "o.service.d/mended.conf")

                let after = try await bench.run("check", "--unit", unit)
                #expect(after.code == 0, "\(after)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a unit that is not there is told, and ends with 78`() async throws {
            try await withBench { bench in
                let ending = try await bench.run("check", "--unit", bench.path("none.service").string)

                #expect(ending.code == 78 && ending.lines.count == 1, "\(ending)")
                #expect(line("unit: \(bench.path("none.service")) cannot be read", of: ending) != nil, "\(ending)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `without systemd the unit is looked for where systemd would`() async throws {
            guard access("/run/systemd/system", F_OK) != 0 else { return }
            try await withBench { bench in
                let ending = try await bench.run("check", "--unit")

                #expect(ending.code == 78 || ending.lines.count > 1, "\(ending)")
                #expect(line("unit: ", of: ending) != nil, "\(ending)")
            }
        }
    }
}
