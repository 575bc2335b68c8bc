import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite struct WaitingRulesTests {
    private func admission(_ types: [MIMEType] = [.jpeg, .mp4], cap: Int64? = nil) -> Admission {
        Admission(
            provider: "scripted",
            acceptedTypes: types,
            limits: SizeLimits(cap.map { [.image: ByteCount($0)] } ?? [:])
        )
    }

    private func rules(
        path: FilePath = "/in",
        account: String = "main",
        recursive: Bool = true,
        ignore: [String] = [],
        library: String? = nil,
        _ admission: Admission? = nil
    ) -> WaitingRules {
        let folder = FolderPlan(
            name: "inbox",
            path: path,
            account: account,
            recursive: recursive,
            ignore: IgnoreRules(adding: ignore),
            settle: .seconds(2),
            settleRenamed: .zero,
            admission: admission ?? self.admission(),
            library: library
        )
        let main = AccountPlan.scripted(concurrency: 1, admission: admission ?? self.admission())
        return WaitingRules(folders: [folder], accounts: [main])
    }

    private func queued(
        _ path: FilePath = "/in/sub/a.jpg",
        folder: String? = "inbox",
        root: FilePath = "/in",
        account: String = "main"
    ) -> WaitingFile {
        let content = WaitingFile.Content(root: root, mime: .jpeg)
        return WaitingFile(
            place: 1,
            path: path,
            version: version(1, size: 10),
            folder: folder,
            account: account,
            content: content
        )
    }

    private func settling(_ path: FilePath) -> WaitingFile {
        WaitingFile(place: 1, path: path, version: version(1), folder: "inbox", account: nil, content: nil)
    }

    private func isLetGo(_ file: WaitingFile, _ rules: WaitingRules) -> Bool {
        if case .letGo = rules.dismissal(of: file) { true } else { false }
    }

    @Test func `what the configuration of now would queue alike stays`() {
        #expect(rules().dismissal(of: queued()) == nil)
        #expect(rules(ignore: ["*.png"], admission(cap: 10)).dismissal(of: queued()) == nil)
        #expect(rules(recursive: false).dismissal(of: queued("/in/a.jpg")) == nil)
        #expect(rules().dismissal(of: settling("/in/sub/a.jpg")) == nil)
    }

    @Test func `the provider's folder is that of the configuration in force`() {
        var file = MediaFile.sample("a.jpg")
        file.library = "earlier"
        func library(_ rules: WaitingRules) -> String?? {
            if case .goes(let file) = rules.turn(of: file) { file.library } else { nil }
        }
        #expect(library(rules(path: file.root, library: "now")) == "now")
        #expect(library(rules(path: file.root)) == .some(nil))
    }

    @Test func `a file of a folder that is another one now is let go of`() {
        #expect(isLetGo(queued(folder: "old"), rules()))
        #expect(isLetGo(queued(), rules(account: "second")))
        #expect(isLetGo(queued(), rules(path: "/elsewhere")))
        #expect(isLetGo(settling("/in/a.jpg"), rules(path: "/elsewhere")))
        // It lies beneath both, and is opened beneath the one of before.
        #expect(isLetGo(queued(), rules(path: "/in/sub")))
        #expect(isLetGo(queued(root: "/"), rules()))
        // The name of one begins with the other's.
        #expect(isLetGo(queued("/in-two/a.jpg"), rules()))
        #expect(isLetGo(queued("/in/cafe\u{301}/a.jpg"), rules(path: "/in/caf\u{e9}")))
    }

    @Test func `a file that is not looked at any more is let go of`() {
        #expect(isLetGo(queued(), rules(recursive: false)))
        #expect(isLetGo(settling("/in/sub/a.jpg"), rules(recursive: false)))
    }

    @Test func `what is ignored is told by a look at the disk, and not by the configuration alone`() {
        let folder = WatchedFolder(name: "inbox", path: "/in", ignore: IgnoreRules(adding: ["sub/*.jpg"]))
        let exclusion = folder.exclusion(of: "/in/sub/a.jpg")

        // An .outtrayignore may take back what the configuration says.
        #expect(rules(ignore: ["sub/*.jpg"]).dismissal(of: queued()) == nil)
        #expect(
            WaitingRules.dismissal(by: exclusion)
                == .letGo("the name a.jpg is ignored now: the pattern sub/*.jpg of the folder's ignore matches")
        )
        #expect(WaitingRules.dismissal(by: .undecided("/in/.outtrayignore", .ioError, reason: "x")) == nil)
        #expect(WaitingRules.dismissal(by: nil) == nil)
    }

    @Test func `a file above a lowered limit, or of a type that is not taken, is rejected`() {
        guard case .rejected(let large) = rules(admission(cap: 9)).dismissal(of: queued()) else {
            Issue.record("it is above the limit")
            return
        }
        guard case .rejected(let other) = rules(admission([.mp4])).dismissal(of: queued()) else {
            Issue.record("it is not taken")
            return
        }

        #expect(large.code == .tooLarge)
        #expect(other.code == .unsupportedType)
        // What it is will be told when it has settled.
        #expect(rules(admission([.mp4])).dismissal(of: settling("/in/a.jpg")) == nil)
    }

    private func measured(warnings: [MediaWarning], folder: String? = "inbox", account: String = "main") -> MediaFile {
        MediaFile(
            folder: folder,
            root: "/in",
            path: "/in/a.mp4",
            version: version(1, size: 10),
            account: account,
            mime: .mp4,
            kind: .video,
            uploadName: "a.mp4",
            warnings: warnings
        )
    }

    private func warned(_ file: MediaFile, _ rules: WaitingRules) -> [MediaWarning.Code]? {
        if case .goes(let file) = rules.turn(of: file) { file.warnings.map(\.code) } else { nil }
    }

    @Test func `a file whose turn has come has the warnings of now, and none of before`() {
        var wanted = MediaRules.none
        wanted[.video].duration = Bounds(least: 3000, most: nil)
        let ranged = rules(
            Admission(provider: "x", acceptedTypes: [.mp4], limits: SizeLimits([:]), rules: wanted)
        )
        let old = [MediaWarning(.tooLong, "of before")]

        #expect(warned(measured(warnings: []), ranged) == [.unmeasured])
        #expect(warned(measured(warnings: [], folder: nil), ranged) == [.unmeasured])
        #expect(warned(measured(warnings: old), rules()) == [])
        #expect(warned(measured(warnings: old), rules(admission([.jpeg]))) == nil)
        // Its account is not in the configuration: nothing is known anew.
        #expect(warned(measured(warnings: old, folder: nil, account: "second"), rules()) == [.tooLong])
    }

    @Test func `a pushed file is judged by its account, and waits for one that is not there`() {
        let pushed = queued("/elsewhere/.hidden.jpg", folder: nil, root: "/elsewhere")

        #expect(rules().dismissal(of: pushed) == nil)
        #expect(rules(admission(cap: 9)).dismissal(of: pushed) != nil)
        #expect(rules().dismissal(of: queued("/x.jpg", folder: nil, root: "/", account: "second")) == nil)
    }
}
