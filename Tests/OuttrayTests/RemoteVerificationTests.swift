import Pipeline
import SystemPackage
import Testing
import Threads

@testable import outtray

/// What is told of entries, by looks that answer as a test says.
@Suite(.timeLimit(.minutes(5))) struct RemoteVerificationTests {
    private typealias News = RemoteVerification.News

    private func entry(_ name: String, id: String? = nil, account: String = "main") -> RemoteVerification.Entry {
        let entry = ManifestEntry(
            folder: nil,
            kind: .image,
            mimeType: .jpeg,
            bytes: 1,
            sha256: SHA256Digest(bytes: Array(repeating: 1, count: 32)),
            provider: "postbreeze",
            account: account,
            receipt: Receipt(mediaID: id ?? "med_\(name)", status: .ready),
            present: true,
            uploadedAt: Timestamp(milliseconds: 0),
            revision: 1
        )
        return RemoteVerification.Entry(path: FilePath("/in/\(name)"), entry)
    }

    private func found(
        _ finding: AssetLook.Finding,
        recorded: AssetStatus = .ready,
        account: String = "main"
    ) -> AssetLook {
        AssetLook(id: "med_1", provider: "postbreeze", account: account, recorded: recorded, finding: finding)
    }

    /// The news of these entries, and the paths that were looked at.
    private func run(
        _ entries: [RemoteVerification.Entry],
        _ look: @escaping @Sendable (FilePath) -> AssetLook?
    ) async throws -> (news: [News], looked: [FilePath]) {
        let told = Mutex<[News]>([])
        let looked = Mutex<[FilePath]>([])
        let verification = RemoteVerification { path in
            looked.withLock { $0.append(path) }
            return look(path)
        }
        try await verification.run(entries) { news in told.withLock { $0.append(news) } }
        return (told.withLock { $0 }, looked.withLock { $0 })
    }

    @Test(arguments: [
        (AssetStatus.ready, AssetStatus.ready, false), (.ready, .failed, true), (.unknown, .ready, true),
        (.ready, .unknown, false), (.processing, .ready, false), (.failed, .ready, true), (.ready, .processing, true),
    ])
    func `another status than the manifest's is a difference, unless the service looks after it`(
        recorded: AssetStatus,
        told: AssetStatus,
        differs: Bool
    ) async throws {
        let news = try await run([entry("a")]) { _ in found(.there(told), recorded: recorded) }.news

        #expect(news.count == 1)
        if differs {
            let reason = "postbreeze says \(told.rawValue) of med_1, and the manifest \(recorded.rawValue)"
            #expect(news == [.differs(.init(.provider, reason, at: "/in/a"))])
        } else {
            #expect(news == [.there])
        }
    }

    @Test func `entries that share an asset share one look`() async throws {
        let (news, looked) = try await run([entry("a", id: "m"), entry("b", id: "m"), entry("c")]) { path in
            found(path == "/in/a" ? .gone : .there(.ready))
        }

        let gone = "postbreeze has no med_1 any more"
        #expect(
            news == [
                .differs(.init(.provider, gone, at: "/in/a")), .differs(.init(.provider, gone, at: "/in/b")), .there,
            ]
        )
        #expect(looked == ["/in/a", "/in/c"])
    }

    @Test func `an account that cannot tell is not asked for its other entries`() async throws {
        let entries = [entry("a"), entry("b"), entry("c"), entry("x", account: "second")]
        let (news, looked) = try await run(entries) { path in
            path == "/in/x" ? found(.there(.ready), account: "second") : found(.unknown("no key", isOfAccount: true))
        }

        #expect(
            news.filter { $0 != .there } == [
                .unknown("/in/a", reason: "no key"), .unknownToo(2, account: "main", reason: "no key"),
            ]
        )
        #expect(Set(looked) == ["/in/a", "/in/x"] && news.contains(.there))
    }

    @Test func `failures of single looks end the questions to an account when they come in a row`() async throws {
        let names = ["a", "b", "c", "d", "e", "f", "g"]
        let (news, looked) = try await run(names.map { entry($0) }) { path in
            found(path == "/in/c" ? .there(.ready) : .unknown("500", isOfAccount: false))
        }

        #expect(looked.map(\.string) == ["a", "b", "c", "d", "e", "f"].map { "/in/\($0)" })
        #expect(news.last == .unknownToo(1, account: "main", reason: "500"))
        var tally = RemoteVerification.Tally()
        for news in news { tally.add(news) }
        #expect(tally.count == 7 && tally.unknown == 6 && tally.there == 1)
    }

    @Test func `what nobody may ask for is told once a reason`() async throws {
        let news = try await run([entry("a"), entry("b"), entry("c")]) { path in
            found(.unasked(path == "/in/b" ? "no id" : "no call"))
        }.news

        #expect(
            news == [
                .unasked(2, account: "main", reason: "no call"), .unasked(1, account: "main", reason: "no id"),
            ]
        )
    }

    @Test func `an entry that left meanwhile is only counted`() async throws {
        #expect(try await run([entry("a")]) { _ in nil }.news == [.left])
    }

    @Test func `the line on a terminal guesses the rest once it can`() {
        #expect(VerifyDisplay.progress(0, of: 1, after: .seconds(9)) == "asked for 0 of 1 entry")
        #expect(VerifyDisplay.progress(3, of: 9990, after: .seconds(4)) == "asked for 3 of 9,990 entries")
        #expect(
            VerifyDisplay.progress(120, of: 1320, after: .seconds(120))
                == "asked for 120 of 1,320 entries, about 20 min left"
        )
    }
}
