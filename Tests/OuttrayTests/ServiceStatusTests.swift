import Pipeline
import Testing

@testable import outtray

@Suite struct ServiceStatusTests {
    @Test func `an idle service says what it watches, and nothing else`() {
        #expect(ServiceStatus(folders: ["inbox", "reels"]).line == "watching inbox, reels")
    }

    @Test func `what waits comes with its causes, then what goes up, then what is wrong`() {
        var status = ServiceStatus(folders: ["inbox"])
        status.waiting = 37
        status.uploading = 2
        #expect(status.line == "watching inbox; 37 wait; 2 uploading")
        status.blocked = [("main", .quota), ("b", .keyRefused)]
        status.recordsTrouble = "the disk is full"
        status.missing = ["inbox"]
        status.refusal = "o.yaml:1:1: x"

        #expect(
            status.line == "watching inbox; 37 wait (main: its storage is full, b: its key was refused); 2 uploading; "
                + "nothing can be recorded: the disk is full; not looked through yet: inbox; "
                + "the configuration was not taken, the old one stays: o.yaml:1:1: x"
        )
    }

    @Test func `a blocked account without files that wait is no news, and a name breaks no line`() {
        var status = ServiceStatus(folders: ["a"])
        status.blocked = [("main", .quota)]
        #expect(status.line == "watching a")
        status.refusal = "b\nREADY=0"
        #expect(!status.line.contains("\n"))
    }

    @Test func `under another configuration the numbers go on, and the trouble of the old one is over`() {
        var status = ServiceStatus(folders: ["a"], missing: ["a"], refusal: "x")
        status.waiting = 1

        #expect(status.renewed(folders: ["b"]).line == "watching b; 1 wait")
    }
}
