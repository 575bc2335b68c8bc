import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct PauseBoardTests {
    private let board = PauseBoard()
    private let main = ConfiguredAccount(name: "main", identity: .scripted())

    private func pause(_ subjects: Pause.Subject...) {
        board.pauses = subjects.map { Pause($0, since: Timestamp(milliseconds: 1)) }
    }

    @Test func `without a pause nothing is held back`() {
        #expect(board.heldBack(of: main) == .nothing)
        #expect(board.pause(of: main, beneath: "/in") == nil)
    }

    @Test func `a pause of all or of the account holds back every file, also under a new name or key`() {
        pause(.all)
        #expect(board.heldBack(of: main) == nil)
        pause(.init(ConfiguredAccount(name: "former", identity: main.identity)))
        #expect(board.heldBack(of: main) == nil)
        pause(.account(name: "main", target: main.identity.target, fingerprint: "of another key"))
        #expect(board.heldBack(of: main) == nil)
        #expect(board.pause(of: main, beneath: "/in") != nil)
    }

    @Test func `another account's pause holds back nothing, whatever its name`() {
        pause(.account(name: "main", target: "another", fingerprint: "another"))
        #expect(board.heldBack(of: main) == .nothing)
    }

    @Test func `a folder's pause holds back its files alone`() {
        pause(.folder(name: "inbox", path: "/in"))
        #expect(board.heldBack(of: main) == HeldBack(roots: ["/in"], files: []))
        #expect(board.pause(of: main, beneath: "/in") != nil && board.pause(of: main, beneath: "/other") == nil)
    }
}
