import ArgumentParser
import Control
import Pipeline

/// `outtray page`: let a browser in.
struct PageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "page",
        abstract: "Print a link that logs a browser in to the service's page.",
        discussion: """
            The link is good once, within a minute. The browser that opens it stays logged in for 30 days, also over \
            restarts of the service. The page is served where the configuration says: listen: {serve: [page]}. For once, \
            --listen does without.

            From another machine, by a tunnel: ssh -L 8385:127.0.0.1:8385 HOST, then open the link there.

            Exit codes: 0 done, 64 wrong usage, no such session, or the page is not served, 69 no service runs, 73 \
            standard output could not be written, 75 the service did not do it, 77 no permission, 78 wrong configuration.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "The browser may look, and change nothing.")
    var readOnly = false

    @Flag(help: "Where the configuration has no listen, serve the page at 127.0.0.1:8385 until the next reload or end.")
    var listen = false

    @Flag(help: "List the browsers that are logged in.")
    var sessions = false

    @Option(
        help: ArgumentHelp("Log out a browser, or all of them, and make unused links void.", valueName: "session|all")
    )
    var revoke: String?

    @Flag(help: "Print the service's answer as one JSON object.")
    var json = false

    func validate() throws {
        guard [readOnly || listen, sessions, revoke != nil].count(where: { $0 }) > 1 else { return }
        throw ValidationError("--sessions and --revoke go with none of --read-only, --listen and each other")
    }

    func run() async throws {
        let service = try RunningService(options)
        if let revoke {
            let whom: JSON = revoke == "all" ? .object(["all": .bool(true)]) : .object(["session": .string(revoke)])
            let answer = try await service.post("/api/v1/page/revoke", whom)
            if json { return Console.print(JSON.object(answer).json) }
            let ended = answer["ended"]?.int64 ?? 0
            return Console.print("logged out: \(ended) \(ended == 1 ? "browser" : "browsers")")
        }
        if sessions { return try await list(service) }
        if listen { _ = try await service.post("/api/v1/page/listen", .object([])) }
        let answer = try await service.post("/api/v1/page/link", .object(["readOnly": .bool(readOnly)]))
        if json { return Console.print(JSON.object(answer).json) }
        Console.print(answer["url"]?.string ?? "")
        Console.tell("It logs one browser in, within a minute\(readOnly ? ", to look and change nothing" : "").")
    }

    private func list(_ service: RunningService) async throws {
        let answer = try await service.get("/api/v1/page/sessions")
        if json { return Console.print(JSON.object(answer).json) }
        guard case .array(let sessions)? = answer["sessions"], !sessions.isEmpty else {
            return Console.print("no browser is logged in")
        }
        for session in sessions.compactMap(\.members) {
            let texts = ["session", "since", "agent"].map { printable(session[$0]?.string ?? "?") }
            let right = session["readOnly"]?.bool == true ? "reads" : "acts "
            Console.print("\(texts[0])  \(right)  since \(texts[1])  \(texts[2])")
        }
    }
}
