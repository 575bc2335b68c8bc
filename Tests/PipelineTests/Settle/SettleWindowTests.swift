import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite struct SettleWindowTests {
    private typealias Window = SettleWindow<ManualClock.Instant>

    private func after(_ seconds: Double) -> ManualClock.Instant { begin.advanced(by: .seconds(seconds)) }

    @Test func `a file is quiet when its whole quiet time is over, not before`() {
        var window = Window()
        window.note(found("/in/a"), at: begin, quiet: .seconds(2))

        #expect(window.takeQuiet(at: after(1.999)).isEmpty)
        #expect(window.takeQuiet(at: after(2)).map(\.file) == [found("/in/a")])
        #expect(window.isEmpty)
        #expect(window.takeQuiet(at: after(9)).isEmpty)
    }

    @Test func `a quiet time begins with the event, and after a slow look with its end`() {
        func beginning(_ took: Double, granularity: Double = 0.004) -> ManualClock.Instant {
            Window.beginning(lookedAt: begin...after(took), .seconds(2), granularity: .seconds(granularity))
        }

        #expect(beginning(0.2) == begin)
        #expect(beginning(0.201) == after(0.201))
        // Where times are whole seconds, the version has to last for two of them.
        #expect(beginning(0.1, granularity: 1.9) == begin)
        #expect(beginning(0.101, granularity: 1.9) == after(0.101))
    }

    @Test func `a file written again within the quiet time waits it anew`() {
        var window = Window()
        let isNew = window.note(found("/in/a"), at: begin, quiet: .seconds(2))
        let isNewAgain = window.note(found("/in/a"), at: after(1.5), quiet: .seconds(2))

        #expect(isNew)
        #expect(!isNewAgain)
        #expect(window.takeQuiet(at: after(3.4)).isEmpty)
        #expect(window.takeQuiet(at: after(3.5)).count == 1)
    }

    @Test func `the version that was noted last is the one that is handed out`() {
        var window = Window()
        window.note(found("/in/a", 1), at: begin, quiet: .seconds(2))
        window.note(found("/in/a", 2), at: begin, quiet: .seconds(2))

        #expect(!window.holds(found("/in/a", 1)))
        #expect(window.holds(found("/in/a", 2)))
        #expect(window.takeQuiet(at: after(2)).map(\.file) == [found("/in/a", 2)])
    }

    @Test func `a rename into place shortens the time of a file that was being written`() {
        var window = Window()
        window.note(found("/in/a", 1), at: begin, quiet: .seconds(2))
        window.note(found("/in/a", 2), at: after(0.5), quiet: .milliseconds(250))

        #expect(window.takeQuiet(at: after(0.75)).map(\.file) == [found("/in/a", 2)])
        #expect(window.takeQuiet(at: after(5)).isEmpty)
    }

    @Test func `a file that is forgotten does not come, and its deadline wakes nobody twice`() {
        var window = Window()
        window.note(found("/in/a"), at: begin, quiet: .seconds(2))
        window.forget("/in/a")

        #expect(window.isEmpty)
        #expect(!window.holds("/in/a" as FilePath))
        #expect(window.takeQuiet(at: after(2)).isEmpty)
        #expect(window.nextDeadline == nil)
    }

    @Test func `what lies beneath a directory is forgotten, what only begins with its name is not`() {
        var window = Window()
        let paths: [FilePath] = ["/in/a/x", "/in/a/b/y", "/in/ab", "/in/a.jpg", "/in/b/a/z"]
        for path in paths { window.note(found(path), at: begin, quiet: .seconds(2)) }

        window.forget(beneath: "/in/a")

        #expect(Set(window.takeQuiet(at: after(2)).map(\.file.path)) == ["/in/ab", "/in/a.jpg", "/in/b/a/z"])
    }

    @Test func `the next deadline is never later than the first file's`() {
        var window = Window()
        window.note(found("/in/late"), at: begin, quiet: .seconds(9))
        window.note(found("/in/soon"), at: begin, quiet: .seconds(3))

        #expect(window.nextDeadline == after(3))
        _ = window.takeQuiet(at: after(3))
        #expect(window.nextDeadline == after(9))
    }

    @Test func `only files in their first quiet time count as such, and a note does not set their rounds back`() {
        var window = Window()
        window.note(found("/in/new"), at: begin, quiet: .seconds(2))
        window.noteAgain(found("/in/held"), at: begin, quiet: .seconds(2), rounds: 3, since: begin)
        window.note(found("/in/held", 2), at: begin, quiet: .seconds(2))

        #expect(window.count == 2)
        #expect(window.countInFirstRound == 1)
        #expect(window.takeQuiet(at: after(2)).first { $0.file.path == "/in/held" }?.rounds == 3)
    }

    @Test func `a file that changes without end counts as one that may be quiet soon for three quiet times`() {
        var window = Window()
        for step in 0...6 { window.note(found("/in/a", Int64(step)), at: after(Double(step)), quiet: .seconds(2)) }

        #expect(window.countInFirstRound == 1)
        window.note(found("/in/a", 7), at: after(6.1), quiet: .seconds(2))
        #expect(window.countInFirstRound == 0)
        #expect(window.count == 1)
    }

    @Test func `no more are taken than asked for, and the rest stays due`() {
        var window = Window()
        for name in ["a", "b", "c"] { window.note(found(FilePath("/in/\(name)")), at: begin, quiet: .seconds(2)) }

        #expect(window.takeQuiet(at: after(2), limit: 2).count == 2)
        #expect(window.nextDeadline == after(2))
        #expect(window.takeQuiet(at: after(2), limit: 2).count == 1)
    }

    @Test func `however often files change, deadlines are kept for few more than there are files`() {
        var window = Window()
        for event in 0..<10_000 {
            window.note(
                found(FilePath("/in/\(event % 10)"), Int64(event)),
                at: after(Double(event) / 1000),
                quiet: .seconds(600)
            )
            #expect(window.deadlineCount <= 2 * 10 + 64)
        }

        #expect(window.count == 10)
        #expect(window.takeQuiet(at: after(9.989 + 600)).isEmpty)
        #expect(window.takeQuiet(at: after(9.999 + 600)).count == 10)
    }

    @Test func `files that are renamed into place again and again leave no deadlines behind`() {
        var window = Window()
        for event in 0..<2000 {
            let now = after(Double(event))
            window.note(found("/in/a", Int64(event)), at: now, quiet: .seconds(600))
            window.note(found("/in/a", Int64(event)), at: now, quiet: .milliseconds(250))
            #expect(window.takeQuiet(at: now.advanced(by: .milliseconds(250))).count == 1)
        }

        #expect(window.deadlineCount <= 64 + 2)
    }

    /// The model keeps each path's latest file and deadline, and looks through all of them each time.
    @Test func `it does what a plain list of deadlines does`() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            var window = Window()
            var model: [FilePath: (file: FoundFile, deadline: ManualClock.Instant)] = [:]
            var now = begin
            for step in 0..<60 {
                let directory = Int.random(in: 0..<2, using: &random)
                let path = FilePath("/in/d\(directory)/\(Int.random(in: 0..<4, using: &random))")
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<5:
                    let file = found(path, Int64(step))
                    let quiet = Duration.milliseconds(Int.random(in: 0...50, using: &random))
                    let isNew = window.note(file, at: now, quiet: quiet)
                    #expect(isNew == (model[path] == nil), "seed \(random.seed)")
                    model[path] = (file, now.advanced(by: quiet))
                case 5:
                    window.forget(path)
                    model[path] = nil
                case 6:
                    window.forget(beneath: path.removingLastComponent())
                    model = model.filter { $0.key.removingLastComponent() != path.removingLastComponent() }
                default:
                    now = now.advanced(by: .milliseconds(Int.random(in: 0...30, using: &random)))
                    let due = model.filter { $0.value.deadline <= now }
                    for key in due.keys { model[key] = nil }
                    #expect(
                        Set(window.takeQuiet(at: now).map(\.file)) == Set(due.values.map(\.file)),
                        "seed \(random.seed)"
                    )
                }
                #expect(window.count == model.count, "seed \(random.seed)")
                #expect(window.deadlineCount <= 2 * max(1, model.count) + 128, "seed \(random.seed)")
                if let first = model.values.map(\.deadline).min() {
                    #expect(window.nextDeadline.map { $0 <= first } == true, "seed \(random.seed)")
                }
            }
            window.forget(beneath: "/in")
            #expect(window.isEmpty && window.countInFirstRound == 0, "seed \(random.seed)")
        }
    }
}
