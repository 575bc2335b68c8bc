import Testing
import Threads

@testable import Pipeline

@Suite struct IgnoringChangesTests {
    @Test func `a folder is looked at by one at a time, and again if it has changed meanwhile`() {
        let changes = IgnoringChanges()
        changes.note("a")
        changes.note("a")
        changes.lookAgain(at: "b")
        #expect(changes.begin() == ["a", "b"])

        changes.note("a")
        changes.note("c")
        #expect(changes.begin() == ["c"], "a is under way")
        changes.end("a")
        changes.end("b")
        #expect(changes.begin() == ["a"])
    }

    @Test func `a folder is scanned after a let-go during which its rules have changed, and only then`() {
        let scanned = Mutex<[String]>([])
        let changes = IgnoringChanges { folder in scanned.withLock { $0.append(folder) } }
        changes.note("a")
        let count = changes.count(of: "a")

        changes.note("b")
        changes.lookAgain(at: "a")
        changes.noteLetGo(of: "a", since: count)
        #expect(scanned.withLock { $0 } == [])
        changes.note("a")
        changes.noteLetGo(of: "a", since: count)
        changes.noteLetGo(of: nil, since: 0)
        #expect(scanned.withLock { $0 } == ["a"])
    }
}
