import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline
@testable import Watch

/// The marker of a file that leaves (`done_suffix`).
@Suite(.timeLimit(.minutes(5))) struct MarkerDepartureTests {
    private let fixture: DeparturesFixture
    private let done: DoneSuffix

    init() throws {
        fixture = try DeparturesFixture()
        done = try #require(DoneSuffix(".done"))
    }

    private var target: AfterUpload { .move(fixture.directory.at("done")) }

    private func mark(_ name: String = "in/a.jpg.done", _ text: String = "") throws {
        Moment.pass()
        try fixture.directory.write(name, text)
    }

    @Test func `it is deleted with its file, and another file's stays`() async throws {
        try await fixture.upload()
        try mark()
        try mark("in/b.jpg.done")

        try await fixture.carryOut([fixture.plan(.delete, done: done)])

        #expect(try fixture.directory.namesOf("in") == ["b.jpg.done"])
    }

    @Test func `it is moved beside its file, under the name that the file has there`() async throws {
        try fixture.directory.write("done/sub/a.jpg", "other")
        let path = try await fixture.upload("sub/a.jpg", leaving: target)
        try mark("in/sub/a.jpg.done", "checksum")

        try await fixture.carryOut([fixture.plan(target, done: done)])

        #expect(try fixture.directory.namesOf("in/sub") == [])
        #expect(try fixture.directory.namesOf("done/sub") == ["a-1.jpg", "a-1.jpg.done", "a.jpg"])
        #expect(try fixture.directory.text("done/sub/a-1.jpg.done") == "checksum")
        #expect(try await fixture.entry(path)?.movedTo == fixture.directory.at("done/sub/a-1.jpg"))
    }

    @Test func `it is copied whole to another file system`() async throws {
        let other = try OtherDisk()
        try await fixture.upload(leaving: .move(other.path))
        let text = String(repeating: "0123456789", count: 300_000)
        try mark("in/a.jpg.done", text)

        try await fixture.carryOut([fixture.plan(.move(other.path), done: done)])

        #expect(try fixture.directory.namesOf("in") == [])
        #expect(try other.text("a.jpg.done") == text)
        #expect(try other.names(in: ".") == ["a.jpg", "a.jpg.done"])
    }

    @Test func `it replaces nothing, and stays where a marker is in its way`() async throws {
        try mark("done/a.jpg.done", "other")
        try await fixture.upload(leaving: target)
        try mark("in/a.jpg.done", "own")

        try await fixture.carryOut([fixture.plan(target, done: done)])

        #expect(try fixture.directory.namesOf("done") == ["a.jpg", "a.jpg.done"])
        #expect(try fixture.directory.text("done/a.jpg.done") == "other")
        #expect(try fixture.directory.text("in/a.jpg.done") == "own")
    }

    @Test func `it stays with a file that did not leave, and where the folder has no markers`() async throws {
        let path = try await fixture.upload()
        try mark()
        try fixture.directory.edit("in/a.jpg", "two")
        try await fixture.carryOut([fixture.plan(.delete, done: done)])
        #expect(try fixture.directory.namesOf("in") == ["a.jpg", "a.jpg.done"])
        #expect(fixture.looked.all.contains(path))

        try await fixture.upload("b.jpg")
        try mark("in/b.jpg.done")
        try await fixture.carryOut([fixture.plan(.delete)])
        #expect(try fixture.directory.namesOf("in") == ["a.jpg", "a.jpg.done", "b.jpg.done"])
    }

    @Test func `one that is older than the file was no marker of it, and stays`() async throws {
        try mark()
        Moment.pass()
        try await fixture.upload()

        try await fixture.carryOut([fixture.plan(.delete, done: done)])

        #expect(try fixture.directory.namesOf("in") == ["a.jpg.done"])
    }

    @Test(.enabled(if: Kernel.givesLeases, "this file system gives no leases"))
    func `one that somebody writes to stays`() async throws {
        try await fixture.upload()
        try mark()
        let writer = try FileDescriptor.open(fixture.directory.at("in/a.jpg.done"), .writeOnly)
        defer { try? writer.close() }

        try await fixture.carryOut([fixture.plan(.delete, done: done)])

        #expect(try fixture.directory.namesOf("in") == ["a.jpg.done"])
    }
}
