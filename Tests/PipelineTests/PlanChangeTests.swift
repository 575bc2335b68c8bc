import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite struct PlanChangeTests {
    /// What a test varies of a folder.
    private struct Draft {
        var name = "inbox"
        var path: FilePath = "/srv/inbox"
        var account = "main"
        var recursive = true
        var ignore: [String] = []
        var settle = Duration.seconds(2)
        var settleTimes: [(pattern: String, settle: Duration)] = []
        var renamed = Duration.milliseconds(250)
        var caps: [MediaKind: ByteCount] = [:]
        var types: [MIMEType] = [.jpeg]
        var after = AfterUpload.keep
        var sidecars: [String] = []
        var existing = ExistingFiles.upload
        var library: String?
        var acceptsDrops = false
        var minAge = Duration.zero
        var done: String?
        var watch = WatchMode.auto
        var poll = Duration.seconds(2)

        var plan: FolderPlan {
            FolderPlan(
                name: name,
                path: path,
                account: account,
                recursive: recursive,
                ignore: IgnoreRules(adding: ignore),
                watch: watch,
                pollInterval: poll,
                sidecars: NamePatterns(sidecars),
                settle: settle,
                settleTimes: SettleTimes(settleTimes),
                settleRenamed: renamed,
                minAge: minAge,
                done: done.flatMap(DoneSuffix.init),
                admission: Admission(provider: "scripted", acceptedTypes: types, limits: SizeLimits(caps)),
                afterUpload: after,
                existing: existing,
                library: library,
                acceptsDrops: acceptsDrops
            )
        }
    }

    private func account(
        _ name: String = "main",
        settings: some Hashable & Sendable = "key",
        provider: String = "scripted",
        identity: AccountIdentity = .scripted(),
        concurrency: Int = 4,
        rate: [CallRate] = [],
        writeRate: [CallRate] = [],
        caps: [MediaKind: ByteCount] = [:]
    ) -> AccountPlan {
        AccountPlan(
            name: name,
            provider: ScriptedProvider(),
            settings: settings,
            providerName: provider,
            identity: identity,
            concurrency: concurrency,
            rate: rate,
            writeRate: writeRate,
            admission: Admission(provider: provider, acceptedTypes: [.jpeg], limits: SizeLimits(caps))
        )
    }

    private func plan(_ folders: [FolderPlan], _ accounts: [AccountPlan], isWatching: Bool = true) -> PipelinePlan {
        let manifest = ManifestPlan(snapshot: "/m", journal: "/j", interval: .seconds(1), mode: [.ownerReadWrite])
        return PipelinePlan(folders: folders, isWatching: isWatching, accounts: accounts, manifest: manifest)
    }

    private func isSame(_ change: (inout Draft) -> Void) -> Bool {
        var draft = Draft()
        change(&draft)
        let before = plan([Draft().plan, Draft(name: "other").plan], [account()])
        let change = PlanChange(from: before, to: plan([draft.plan, Draft(name: "other").plan], [account()]))
        #expect(!change.folders.ending.contains("other") && !change.folders.beginning.contains("other"))
        #expect(change.accounts.ending.isEmpty && change.accounts.beginning.isEmpty)
        return change.folders.ending.isEmpty
    }

    @Test func `every key of a folder is a change of that folder alone, and none is none`() {
        #expect(isSame { _ in })
        #expect(!isSame { $0.path = "/srv/inbox2" })
        #expect(!isSame { $0.account = "second" })
        #expect(!isSame { $0.recursive = false })
        #expect(!isSame { $0.ignore = ["*.draft"] })
        #expect(!isSame { $0.sidecars = ["*.txt"] })
        #expect(!isSame { $0.watch = .poll })
        #expect(!isSame { $0.poll = .seconds(3) })
        #expect(!isSame { $0.settle = .seconds(3) })
        #expect(!isSame { $0.settleTimes = [("*.pdf", .seconds(2))] })
        #expect(!isSame { $0.renamed = .seconds(3) })
        #expect(!isSame { $0.minAge = .seconds(3) })
        #expect(!isSame { $0.done = ".done" })
        #expect(!isSame { $0.caps = [.video: ByteCount(1)] })
        #expect(!isSame { $0.types = [.jpeg, .png] })
        #expect(!isSame { $0.after = .delete })
        #expect(!isSame { $0.existing = .skip })
        #expect(!isSame { $0.library = "fld_1" })
        #expect(!isSame { $0.acceptsDrops = true })
        #expect(!isSame { $0.after = .move("/done") })
    }

    @Test func `two spellings of a path are two paths`() {
        let composed = plan([Draft(path: "/caf\u{e9}").plan], [])
        let decomposed = plan([Draft(path: "/cafe\u{301}").plan], [])

        #expect(PlanChange(from: composed, to: decomposed).folders.ending == ["inbox"])
    }

    @Test func `every key of an account is a change of that account alone, but for caps, which are the files'`() {
        let minute = CallRate(calls: 60, window: .seconds(60))
        let changes = [
            account(settings: "other key"), account(settings: 1), account(provider: "other"), account(concurrency: 5),
            account(rate: [minute]), account(writeRate: [minute]), account(identity: .scripted(key: "other")),
        ]
        let folders = [Draft().plan]
        let before = plan(folders, [account(), account("second")])
        for changed in changes {
            let change = PlanChange(from: before, to: plan(folders, [changed, account("second")]))
            #expect(change.accounts.ending == ["main"] && change.accounts.beginning == ["main"])
            #expect(change.folders.ending.isEmpty && change.folders.beginning.isEmpty)
        }
        let capped = plan(folders, [account(caps: [.image: ByteCount(1)]), account("second")])
        #expect(PlanChange(from: before, to: capped).accounts.ending.isEmpty)
    }

    @Test func `every key of a hook is a change of that hook alone`() {
        func hook(
            trigger: HookTrigger = .uploaded,
            folder: String? = nil,
            concurrency: Int = 4,
            timeout: Duration = .seconds(30),
            retry: HookRetry = .command,
            settings: String = "run"
        ) -> HookPlan {
            HookPlan(
                name: "post",
                trigger: trigger,
                folder: folder,
                concurrency: concurrency,
                timeout: timeout,
                retry: retry,
                runner: ScriptedHook(),
                settings: settings
            )
        }
        func plan(_ hooks: HookPlan..., isWatching: Bool = true) -> PipelinePlan {
            PipelinePlan(
                folders: [Draft().plan],
                isWatching: isWatching,
                accounts: [account()],
                manifest: ManifestPlan(snapshot: "/m", journal: "/j", interval: .seconds(1), mode: [.ownerReadWrite]),
                hooks: hooks + [.scripted(ScriptedHook(), name: "other")]
            )
        }
        let changes = [
            hook(trigger: .ready), hook(folder: "inbox"), hook(concurrency: 5), hook(timeout: .seconds(9)),
            hook(retry: .webhook), hook(settings: "other"),
        ]
        #expect(PlanChange(from: plan(hook()), to: plan(hook())).hooks.ending.isEmpty)
        for changed in changes {
            let change = PlanChange(from: plan(hook()), to: plan(changed))
            #expect(change.hooks.ending == ["post"] && change.hooks.beginning == ["post"])
            #expect(change.folders.ending.isEmpty && change.accounts.ending.isEmpty)
        }
        #expect(
            PlanChange(from: plan(hook(), isWatching: false), to: plan(hook())).hooks.beginning == ["post", "other"]
        )
    }

    @Test func `where no folder is watched, none begins or ends`() {
        let change = PlanChange(from: plan([Draft().plan], [], isWatching: false), to: plan([], []))

        #expect(change.folders.ending.isEmpty && change.folders.beginning.isEmpty)
    }

    @Test func `what is kept is in both and equal, and what ends and begins makes one plan of the other`() {
        var generator = SeededGenerator()
        for _ in 0..<500 {
            func members() -> [String: Int] {
                let names = ["a", "b", "c", "d", "e"].filter { _ in Bool.random(using: &generator) }
                return Dictionary(uniqueKeysWithValues: names.map { ($0, Int.random(in: 0...2, using: &generator)) })
            }
            let (old, new) = (members(), members())
            let order = new.map { ($0.key, $0.value) }.shuffled(using: &generator)

            let before = old.map { Named(name: $0.key, value: $0.value) }
            let after = order.map { Named(name: $0.0, value: $0.1) }
            let change = PlanChange.Members(from: before, to: after, name: \.name)

            var running = old.filter { !change.ending.contains($0.key) }
            for (name, value) in running { #expect(new[name] == value, "it goes on, and is another one now") }
            for name in change.beginning {
                #expect(running[name] == nil, "it begins beside itself")
                running[name] = new[name]
            }
            #expect(running == new)
            #expect(change.ending.allSatisfy { old[$0] != new[$0] }, "it ends for nothing")
        }
    }

    private struct Named: Equatable {
        let name: String
        let value: Int
    }
}
