import SystemPackage
import Testing

@testable import Pipeline

@Suite struct UndecidedDirectoriesTests {
    @Test func `the directory of an unknown .outtrayignore is held back, until its folder's rules change`() {
        let undecided = UndecidedDirectories(pause: .seconds(3600))
        _ = undecided.add("/in/sub/.outtrayignore")
        _ = undecided.add("/other")

        #expect(undecided.heldBack.holds("/in/sub/deep/a.jpg"))
        #expect(!undecided.heldBack.holds("/in/sub2/a.jpg") && !undecided.heldBack.holds("/in/a.jpg"))
        #expect(undecided.heldBack.directories == ["/in/sub", "/other"])
        #expect(undecided.release(beneath: "/in"))
        #expect(!undecided.release(beneath: "/in"))
        #expect(undecided.heldBack.directories == ["/other"])
    }

    @Test func `it is tried again once a file beneath it has settled`() {
        let undecided = UndecidedDirectories(pause: .seconds(3600))
        _ = undecided.add("/in/sub")
        _ = undecided.add("/in/sub2")

        #expect(!undecided.release(around: "/in/a.jpg"))
        #expect(undecided.release(around: "/in/sub/deep/a.jpg"))
        #expect(undecided.heldBack.directories == ["/in/sub2"])
    }

    @Test func `it is tried again after a pause, and of very many those beyond the bound are not held back`() {
        let short = UndecidedDirectories(pause: .zero)
        #expect(short.add("/in/.outtrayignore"))
        #expect(short.heldBack == .nothing)

        let many = UndecidedDirectories(pause: .seconds(3600))
        for number in 0..<64 { #expect(many.add(FilePath("/in/\(number)"))) }
        #expect(!many.add("/in/64") && many.add("/in/63"))
        #expect(many.heldBack.directories.count == 64)
        #expect(many.heldBack.holds("/in/0/a.jpg") && !many.heldBack.holds("/in/64/a.jpg"))
        _ = many.release(beneath: "/in/0")
        #expect(many.add("/in/64"))
    }
}
