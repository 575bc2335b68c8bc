import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct HungFilesTests {
    private let directory: TemporaryDirectory
    private let events = RecordedEvents()

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func files(_ count: Int) throws -> [MediaFile] {
        try (0..<count).map { number in
            try directory.write("\(number).jpg", "x")
            return try directory.media("\(number).jpg")
        }
    }

    @Test func `a file that hangs is held back alone, until its look has ended`() throws {
        let hung = HungFiles(observer: events.observer)
        let files = try files(2)

        hung.add(files[0])

        #expect(hung.heldBack.holds(files[0].path))
        #expect(!hung.heldBack.holds(files[1].path))
        hung.remove(files[0])
        #expect(hung.heldBack == .nothing)
        // What was never given up is not told to have come back.
        hung.remove(files[1])
        #expect(events.all.count == 2)
    }

    @Test func `once half of a folder's threads are stuck the whole folder is held back, and no other one`() throws {
        let hung = HungFiles()
        let files = try files(5)

        for file in files.prefix(4) { hung.add(file) }

        #expect(hung.heldBack.holds(files[4].path))
        #expect(!hung.heldBack.holds("/elsewhere/a.jpg"))
        #expect(!hung.heldBack.holds(FilePath("\(directory.path)-2/a.jpg")))
        hung.remove(files[0])
        #expect(!hung.heldBack.holds(files[4].path))
    }
}
