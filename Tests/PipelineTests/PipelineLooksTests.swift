import Ledger
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// Looks at the assets of entries, by a pipeline that does nothing else.
@Suite(.timeLimit(.minutes(5))) struct PipelineLooksTests {
    private let provider = ScriptedProvider()
    private let directory: TemporaryDirectory
    private let ledger: SQLiteLedger

    init() async throws {
        directory = try TemporaryDirectory()
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    private func pipeline(_ identity: AccountIdentity = .scripted(), name: String = "main") async throws -> Pipeline {
        let plan = PipelinePlan(
            folders: [],
            accounts: [.scripted(name, provider: provider, identity: identity)],
            manifest: .at(directory)
        )
        let pipeline = Pipeline(plan, ledger: ledger, logger: quiet) { _ in }
        await pipeline.prepareLooks()
        return pipeline
    }

    /// An entry with an asset at the account of ``AccountIdentity/scripted(key:)``.
    private func upload(_ name: String, _ receipt: Receipt) async throws -> FilePath {
        try directory.write(name, bytes(10))
        let file = try directory.media(name)
        try await ledger.enqueue(file, at: at(1))
        let book = ledger.book(of: ConfiguredAccount(name: "main", identity: .scripted()))
        try await book.complete(
            file,
            provider: "scripted",
            sha256: digest(1),
            receipt: receipt,
            leaving: .keep,
            at: at(2)
        )
        return file.path
    }

    private func upload() async throws -> FilePath {
        try await upload("a.jpg", Receipt(mediaID: "m1", status: .ready))
    }

    @Test(arguments: [
        (AssetPresence.there(.failed), AssetLook.Finding.there(.failed)), (.gone, .gone),
        (.untold("odd"), .unknown("odd", isOfAccount: false)),
    ])
    func `a look tells what the provider says, and changes nothing`(
        presence: AssetPresence,
        finding: AssetLook.Finding
    ) async throws {
        let path = try await upload()
        let before = try await ledger.row(of: path)
        provider.script { $0.presences = [{ _ in presence }] }

        let look = try await pipeline().look(atAssetOf: path)

        #expect(
            look == AssetLook(id: "m1", provider: "scripted", account: "main", recorded: .ready, finding: finding)
        )
        #expect(provider.record.presences.map(\.mediaID) == ["m1"])
        #expect(try await ledger.row(of: path) == before)
    }

    @Test func `a path without an asset is not asked for`() async throws {
        #expect(try await pipeline().look(atAssetOf: "/in/none") == nil)
        #expect(provider.record.presences.isEmpty)
    }

    @Test(arguments: [("main", "another one now"), ("second", "not in the configuration")])
    func `no other account's key asks for an asset`(name: String, words: String) async throws {
        let path = try await upload()

        let look = try await pipeline(.scripted(key: "other"), name: name).look(atAssetOf: path)

        guard case .unasked(let reason)? = look?.finding else {
            Issue.record("\(String(describing: look))")
            return
        }
        #expect(reason.contains(words) && provider.record.presences.isEmpty)
    }

    @Test func `what no call tells is not asked for`() async throws {
        let path = try await upload("a.jpg", Receipt(publicURL: "https://x/1", status: .ready))

        let look = try await pipeline().look(atAssetOf: path)

        #expect(look?.finding == .unasked("scripted gave no media id for it"))
        #expect(provider.record.presences.isEmpty)
    }

    @Test func `after a rate limit the look is made again`() async throws {
        let path = try await upload()
        provider.script {
            $0.presences = [{ _ in throw ProviderError(.throttled(.milliseconds(1)), "slow down", status: 429) }]
        }

        #expect(try await pipeline().look(atAssetOf: path)?.finding == .there(.ready))
        #expect(provider.record.presences.count == 2)
    }

    /// A refused key concerns each asset of the account, a failure of the server the one look.
    @Test(arguments: [
        (ProviderError(.refusedKey, "no such key", status: 401), true), (ProviderError(.unreachable, "no route"), true),
        (ProviderError(.transient, "it failed", status: 500), false),
    ])
    func `what cannot be told is unknown and never gone`(error: ProviderError, isOfAccount: Bool) async throws {
        let path = try await upload()
        let isLasting = error.kind == .refusedKey
        provider.script { $0.presences = Array(repeating: { _ in throw error }, count: isOfAccount ? 9 : 1) }
        let pipeline = try await pipeline()

        let first = try await pipeline.look(atAssetOf: path)
        let second = try await pipeline.look(atAssetOf: path)

        #expect(first?.finding == .unknown(error.description, isOfAccount: isOfAccount))
        if isOfAccount {
            guard case .unknown(let reason, isOfAccount: true)? = second?.finding else {
                Issue.record("\(String(describing: second))")
                return
            }
            #expect(reason.contains(error.reason))
            // An account that cannot be reached is tried again after a second, which may be over by now.
            if isLasting {
                #expect(reason.hasPrefix("account main waits, "))
                #expect(provider.record.presences.count == 1)
            }
        } else {
            #expect(second?.finding == .there(.ready))
        }
    }
}
