import SystemPackage
import Testing

@testable import Watch

struct EventBatchTests {
    @Test func `the same change is told once`() {
        var batch = EventBatch()
        for _ in 0..<3 { batch.append(.changed("/in/a", folder: "in")) }

        #expect(batch.drain() == [.changed("/in/a", folder: "in")])
    }

    @Test func `a change after the file was gone is told again`() {
        var batch = EventBatch()
        let events: [WatchEvent] = [
            .changed("/in/a", folder: "in"), .gone("/in/a", folder: "in"), .changed("/in/a", folder: "in"),
        ]
        for event in events { batch.append(event) }

        #expect(batch.drain() == events)
    }

    @Test func `a change after its directory was gone is told again`() {
        var batch = EventBatch()
        let events: [WatchEvent] = [
            .changed("/in/d/a", folder: "in"), .goneBelow("/in/d", folder: "in"), .changed("/in/d/a", folder: "in"),
        ]
        for event in events { batch.append(event) }

        #expect(batch.drain() == events)
    }

    @Test func `the next batch begins afresh`() {
        var batch = EventBatch()
        batch.append(.changed("/in/a", folder: "in"))
        _ = batch.drain()
        batch.append(.changed("/in/a", folder: "in"))

        #expect(batch.events.count == 1)
    }
}
