import Testing

@testable import Threads

@Suite struct PulseTests {
    @Test func `a step is silent for as long as it takes, and a rest is not silent at all`() {
        let pulse = Pulse()
        #expect(pulse.silence == .zero)

        pulse.beat()
        let first = pulse.silence
        #expect(pulse.silence > first)

        pulse.rest()
        #expect(pulse.silence == .zero)
    }
}
