import SystemPackage
import Testing
import Watch

@testable import Pipeline

@Suite struct DepartureTests {
    private func departure(
        _ action: AfterUpload = .delete,
        path: FilePath = "/in/2025/a.jpg",
        account: String = "main",
        status: AssetStatus = .ready,
        hasFoldersAccount: Bool? = nil
    ) -> Departure {
        .sample(
            path: path,
            version: version(1),
            account: account,
            action: action,
            status: status,
            hasFoldersAccount: hasFoldersAccount
        )
    }

    @Test func `a departure that hangs keeps its place, and is no second one`() {
        var state = DepartureState()
        let first = Departure.sample(id: 1, path: "/in/a", version: version(1))
        let second = Departure.sample(id: 2, path: "/in/b", version: version(2))
        state.begin(first)
        state.begin(second)
        state.leave(first)
        #expect(state.taken(in: "inbox").places == 2)
        _ = state.end(first)
        _ = state.end(second)

        #expect(state.taken(in: "inbox") == (ids: [1], places: 1))
        state.free(first)
        #expect(state.taken(in: "inbox") == (ids: [], places: 0))
    }

    private func plan(_ after: AfterUpload, path: FilePath = "/in") -> FolderPlan {
        FolderPlan(
            name: "inbox",
            path: path,
            account: "main",
            settle: .seconds(2),
            settleRenamed: .seconds(1),
            admission: Admission(provider: "scripted", acceptedTypes: [.jpeg], limits: SizeLimits()),
            afterUpload: after
        )
    }

    private func stays(_ verdict: Departure.Verdict) -> Bool {
        if case .stays = verdict { true } else { false }
    }

    @Test func `a file leaves where its folder still asks for that`() {
        #expect(departure().verdict(in: plan(.delete)) == .leaves(.delete))
        #expect(departure(.move("/done")).verdict(in: plan(.move("/done"))) == .leaves(.move("/done")))
        #expect(departure(.move("/old")).verdict(in: plan(.move("/new"))) == .leaves(.move("/new")))
    }

    @Test func `a file stays where its folder does not ask for that any more`() {
        #expect(stays(departure().verdict(in: plan(.keep))))
        #expect(stays(departure(.move("/done")).verdict(in: plan(.keep))))
        #expect(stays(departure(.move("/done")).verdict(in: plan(.delete))))
        #expect(stays(departure().verdict(in: nil)))
    }

    @Test(arguments: ["/other", "/in/2026", "/in/2025/a.jpg", "/i", "/in/2025/a.jpg/x"])
    func `a file stays that lies outside of its folder's present path`(root: String) {
        #expect(stays(departure().verdict(in: plan(.delete, path: FilePath(root)))))
    }

    @Test func `two spellings of a letter are two folders`() {
        let composed = departure(path: FilePath("/caf\u{E9}/a.jpg"))

        #expect(stays(composed.verdict(in: plan(.delete, path: FilePath("/cafe\u{301}")))))
        #expect(composed.verdict(in: plan(.delete, path: FilePath("/caf\u{E9}"))) == .leaves(.delete))
    }

    @Test func `a file stays whose folder has another account than the one that has its bytes`() {
        #expect(stays(departure(account: "former").verdict(in: plan(.delete))))
        #expect(
            stays(departure(hasFoldersAccount: false).verdict(in: plan(.delete))),
            "another one under the same name"
        )
        #expect(departure(account: "former", hasFoldersAccount: true).verdict(in: plan(.delete)) == .leaves(.delete))
    }

    @Test func `a file stays that its provider could not process`() {
        #expect(stays(departure(status: .failed).verdict(in: plan(.delete))))
    }

    @Test func `a file that nobody can tell about is quiet after ten times its settle time, a minute at least`() {
        #expect(Departure.quietTime(settle: .seconds(2)) == .seconds(60))
        #expect(Departure.quietTime(settle: .seconds(30)) == .seconds(300))
    }

    @Test func `the names between two names are hidden, one a departure, and no longer than names may be`() throws {
        let own = departure()
        let long = departure(path: FilePath("/in/" + String(repeating: "n", count: 255)))

        let hidden = HiddenName.Use.allCases.compactMap { HiddenName($0, of: own) } + [HiddenName(.file, of: long)]
        let names = hidden.compactMap { $0?.component?.string }

        #expect(Set(names).count == 4)
        #expect(names.allSatisfy { $0.hasPrefix(".outtray-") && $0.utf8.count <= 255 })
        #expect(names.prefix(3).allSatisfy { $0.hasSuffix(".a.jpg") })
        for name in names {
            #expect(IgnoreRules().ignores(try #require(FilePath(name).lastComponent)))
        }
    }
}
