import Pipeline
import SystemPackage
import Watch

/// The settle window while many files change at a time: two events for each file, then all are quiet.
enum Settling {
    static func measure(_ count: Int) async throws -> Measurement {
        let files = (0..<count).map { Samples.found($0) }
        let begin = ContinuousClock.now
        var quiet = 0
        let measurement = await Measurement.of("settle window", count) {
            var window = SettleWindow<ContinuousClock.Instant>()
            for (number, file) in files.enumerated() {
                window.note(file, at: begin + .microseconds(number), quiet: .seconds(2))
            }
            for (number, file) in files.enumerated() {
                window.note(file, at: begin + .microseconds(count + number), quiet: .seconds(2))
            }
            while case let taken = window.takeQuiet(at: begin + .seconds(3600), limit: 256), !taken.isEmpty {
                quiet += taken.count
            }
        }
        try WrongResult.check("settle window", quiet, is: count)
        return measurement
    }
}
