import Testing

extension EndToEnd {
    /// Help, version and wrong usage.
    struct CommandLineTests {
        static let commands: [[String]] = [
            [], ["demo"], ["run"], ["sync"], ["push"], ["manifest"], ["manifest", "get"], ["manifest", "list"],
            ["manifest", "export"], ["manifest", "verify"], ["manifest", "follow"], ["status"], ["wait"], ["why"],
            ["retry"], ["pause"], ["resume"], ["rescan"], ["reload"], ["forget"], ["check"], ["sandbox"], ["fleet"],
            ["fleet", "init"], ["fleet", "migrate"], ["fleet", "status"], ["fleet", "hosts"], ["fleet", "forget"],
            ["fleet", "new-identity"],
        ]

        @Test(.timeLimit(.minutes(5)), arguments: commands)
        func `help of every command ends with 0 and says how it is used`(command: [String]) async throws {
            let ending = try await BuiltBinary.run(command + ["--help"])

            #expect(ending.code == 0, "\(ending)")
            #expect(ending.output.contains("USAGE: outtray"), "\(ending)")
            #expect(ending.error.isEmpty)
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                ([], ["64", "65", "69", "75", "77", "78"]), (["run"], ["75", "78"]), (["sync"], ["65", "75", "78"]),
                (["push"], ["65", "75", "78"]), (["manifest", "get"], ["65", "75", "78"]),
                (["check"], ["1", "75", "77", "78"]),
                (["why"], ["1", "75", "77", "78"]), (["retry"], ["1", "64", "69", "75", "77", "78"]),
                (["pause"], ["64", "69", "75", "77", "78"]), (["resume"], ["64", "69", "75", "77", "78"]),
                (["rescan"], ["64", "69", "75", "77", "78"]), (["reload"], ["69", "75", "77", "78"]),
                (["forget"], ["1", "65", "75", "77", "78"]), (["wait"], ["65", "69", "73", "75", "77", "78"]),
                (["manifest", "follow"], ["66", "73", "78"]),
                (["manifest", "verify"], ["65", "66", "75", "77", "78"]),
                (["manifest", "export"], ["66", "73", "75", "78"]), (["status"], ["69", "73", "75", "77", "78"]),
                (["fleet", "forget"], ["64", "73", "75", "77", "78"]),
            ]
        )
        func `help names the exit codes that scripts go by`(command: [String], codes: [String]) async throws {
            let ending = try await BuiltBinary.run(command + ["--help"])

            let text = ending.output.split(separator: "Exit codes:").dropFirst().first ?? ""
            for code in codes {
                #expect(text.contains(code), "\(code) is not in the help of \(command): \(ending.output)")
            }
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                ["--nonsense"], ["nonsense"], ["run", "--nonsense"], ["sync", "extra"], ["push"], ["manifest", "get"],
                ["manifest", "list", "--since", "x"], ["why"], ["why", "a", "b"], ["manifest", "export"],
                ["check", "--ignored"], ["check", "a"], ["check", "--online", "--repair"],
                ["check", "--json", "--repair"],
                ["sandbox", "--postbreeze-port", "70000"],
                ["demo", "--nonsense"], ["retry"], ["retry", "a", "--all"], ["forget"], ["pause", "x"],
                ["pause", "--account", "a", "--folder", "f"], ["reload", "x"], ["wait"],
                ["wait", "a", "--for", "ever"],
                ["wait", "a", "--timeout", "5"], ["manifest", "follow", "--since", "-1"],
                ["run", "--log-level", "loud"], ["sandbox", "--fail-every", "0"],
            ]
        )
        func `wrong usage ends with 64 and a word on what is wrong`(arguments: [String]) async throws {
            let ending = try await BuiltBinary.run(arguments)

            #expect(ending.code == 64, "\(ending)")
            #expect(ending.error.contains("Error:") && ending.output.isEmpty, "\(ending)")
        }

        @Test(.timeLimit(.minutes(5)))
        func `the version is one line, which ends with the commit if that is known`() async throws {
            let ending = try await BuiltBinary.run(["--version"])

            #expect(ending.code == 0 && ending.lines.count == 1, "\(ending)")
            #expect(
                ending.output.contains(/^outtray [0-9]+\.[0-9]+\.[0-9]+( \([0-9a-f]{12}(-dirty)?\))?\n$/),
                "\(ending)"
            )
        }
    }
}
