import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct FolderThreadsTests {
    private func pushed(from root: FilePath) -> MediaFile {
        MediaFile(
            folder: nil,
            root: root,
            path: root.appending("a.jpg"),
            version: version(1),
            account: "main",
            mime: .jpeg,
            kind: .image,
            uploadName: "a.jpg"
        )
    }

    @Test func `a folder whose looks hang holds up neither another folder nor Swift's own pool`() async throws {
        let threads = FolderThreads(["hung", "well"])
        let hang = Hang()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // More than there are threads of Dispatch.
            for _ in 0..<200 { group.addTask { try? await threads["hung"].run { hang.block() } } }
            await hang.begun.wait()

            #expect(try await threads["well"].run { 1 } == 1)
            #expect(try await offPool { 2 } == 2)

            hang.letGo()
            try await group.waitForAll()
        }
    }

    @Test func `a file of a folder is looked at on its folder's threads`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.jpg", "x")
        let threads = FolderThreads(["inbox", "other"])

        #expect(threads.threads(for: try directory.media("a.jpg")) === threads["inbox"])
    }

    @Test func `pushed files share threads with those from the same directory, not with all others`() async throws {
        let threads = FolderThreads(["inbox"])
        let hang = Hang()
        await hang.take(threads.threads(for: pushed(from: "/dead")))

        #expect(try await threads.threads(for: pushed(from: "/well")).run { 1 } == 1)
        // They are stuck: nobody gets new ones there, though nobody has these in hand.
        #expect(threads.threads(for: pushed(from: "/dead")).silence > .zero)
        #expect(try await offPool { 2 } == 2)
        hang.letGo()
    }
}
