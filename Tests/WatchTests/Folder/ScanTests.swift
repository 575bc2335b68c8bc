import Testing

@testable import Watch

@Suite struct ScanTests {
    @Test func `a scan ends after its walk and after the events until then`() {
        var scan = Scan()
        #expect(scan.isOver && scan.number == 0)
        #expect(scan.endWalk() == nil)

        #expect(scan.begin(.overflow) == true)
        #expect(scan.isWalking && scan.number == 1)
        #expect(scan.endWalk() == .whole)
        scan.wait(for: 7)
        #expect(scan.takes(6) == false)
        #expect(!scan.isOver && !scan.isCatchingUp)
        #expect(scan.takes(7) == true)
        #expect(scan.isCatchingUp)
        #expect(scan.takes(7) == false)
        scan.end()
        #expect(scan.isOver)
    }

    @Test func `what could not be read keeps a scan from being whole, and what was lost calls for another one`() {
        var scan = Scan()
        _ = scan.begin(.overflow)
        scan.leaveOut()
        #expect(scan.endWalk() == .inPart)

        _ = scan.begin(.overflow)
        scan.leaveOut()
        #expect(scan.begin(.overflow) == false)
        #expect(scan.number == 2)
        #expect(scan.endWalk() == .again(.overflow))
        #expect(scan.begin(.overflow) == true)
        #expect(scan.number == 3)
        #expect(scan.endWalk() == .whole, "the next one begins without a fault")
    }

    @Test func `a scan that begins while one waits for its events takes that one's place`() {
        var scan = Scan()
        _ = scan.begin(.overflow)
        _ = scan.endWalk()
        scan.wait(for: 7)

        #expect(scan.begin(.overflow) == true)
        #expect(scan.takes(7) == false)
        #expect(scan.endWalk() == .whole)
    }
}
