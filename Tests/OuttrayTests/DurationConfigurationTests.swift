import Pipeline
import Testing

@testable import outtray

@Suite struct DurationConfigurationTests {
    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("2s", .seconds(2)), ("15m", .seconds(900)), ("1h", .seconds(3600)),
        ("1d", .seconds(86_400)), ("0s", .zero), ("007s", .seconds(7)),
    ])
    func `durations are read with their unit`(text: String, duration: Duration) {
        #expect(Duration(configuration: text) == duration)
    }

    @Test(arguments: [
        "", "5", "s", "-1s", "+1s", "1.5s", "2 s", "2S", "2sec", "1h30m", "٣s", "1000000001s", "99999999999999999999s",
    ])
    func `anything else is no duration`(text: String) {
        #expect(Duration(configuration: text) == nil)
    }

    @Test func `a rate is calls in a time`() {
        #expect(CallRate(configuration: "60/60s") == CallRate(calls: 60, window: .seconds(60)))
        #expect(CallRate(configuration: "1/1d") == CallRate(calls: 1, window: .seconds(86_400)))
    }

    @Test(arguments: ["", "60", "/60s", "60/", "0/60s", "-1/60s", "60/0s", "60/60", "6.5/60s", "1/1s/1s", "60 /60s"])
    func `anything else is no rate`(text: String) {
        #expect(CallRate(configuration: text) == nil)
    }
}
