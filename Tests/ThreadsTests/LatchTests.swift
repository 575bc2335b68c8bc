import Testing

@testable import Threads

@Suite(.timeLimit(.minutes(5))) struct LatchTests {
    @Test func `it opens with the last name, for those who wait and those who come later`() async {
        let latch = Latch(["a", "b"])
        await confirmation(expectedCount: 2) { passed in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await latch.wait()
                    passed()
                }
                latch.checkOff("a")
                latch.checkOff("a")
                latch.checkOff("unknown")
                latch.checkOff("b")
                await group.waitForAll()
            }
            await latch.wait()
            passed()
        }
    }

    @Test func `without names it is open from the start`() async {
        await Latch([String]()).wait()
    }

    @Test func `it tells what is missing, and lets go who is cancelled`() async {
        let latch = Latch(["a", "b"])
        latch.checkOff("a")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await latch.wait() }
            group.cancelAll()
        }

        #expect(latch.missing == ["b"])
    }

    @Test func `a name that is expected later closes it again, unless it was opened for good`() async {
        let latch = Latch(["a"])
        latch.checkOff("a")
        await latch.wait()

        latch.expect("b")
        #expect(latch.missing == ["b"])
        latch.checkOff("b")
        await latch.wait()

        latch.open()
        latch.expect("c")
        #expect(latch.missing == [])
    }

    @Test func `it can be opened with names missing`() async {
        let latch = Latch(["a"])
        latch.open()
        await latch.wait()
    }
}
