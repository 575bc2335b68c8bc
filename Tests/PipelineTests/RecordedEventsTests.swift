import Testing

@Suite(.timeLimit(.minutes(5))) struct RecordedEventsTests {
    /// Or a time limit would cancel a test that waits for something that never comes, and the run would hang there.
    @Test func `whoever is cancelled waits for no event any longer`() async {
        let events = RecordedEvents()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: CancellationError.self) { try await events.event { _ in true } } }
            group.cancelAll()
        }
    }
}
