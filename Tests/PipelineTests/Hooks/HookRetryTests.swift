import TestSupport
import Testing

@testable import Pipeline

@Suite struct HookRetryTests {
    private func pause(
        _ retry: HookRetry,
        _ failure: HookFailure = HookFailure("no"),
        tries: Int = 1,
        failingFor time: Duration = .zero
    ) -> Duration? {
        var generator = SeededGenerator(seed: UInt64(tries))
        return retry.pause(after: failure, tries: tries, failingFor: time, using: &generator)
    }

    @Test func `a command is given up with its twentieth try, however long that took`() {
        #expect(pause(.command, tries: 19, failingFor: .seconds(1_000_000)) != nil)
        #expect(pause(.command, tries: 20) == nil)
    }

    @Test func `a webhook is given up after a day, and not before its twentieth try`() {
        #expect(pause(.webhook, tries: 1000, failingFor: .seconds(86_399)) != nil)
        #expect(pause(.webhook, tries: 19, failingFor: .seconds(86_400)) != nil)
        #expect(pause(.webhook, tries: 20, failingFor: .seconds(86_400)) == nil)
    }

    @Test func `a final failure ends the tries at once`() {
        #expect(pause(.webhook, HookFailure("404", isFinal: true)) == nil)
        #expect(pause(.command, HookFailure("404", isFinal: true)) == nil)
    }

    @Test func `pauses grow to a quarter of an hour, and one that is asked for counts if it is longer`() throws {
        for tries in 1...19 {
            let bound = min(Duration.seconds(1 << (tries - 1)), .seconds(900))
            #expect(try #require(pause(.command, tries: tries)) <= bound)
        }
        #expect(pause(.webhook, HookFailure("429", pause: .seconds(7200))) == .seconds(7200))
        #expect(try #require(pause(.webhook, HookFailure("429", pause: .zero))) > .zero)
    }
}
