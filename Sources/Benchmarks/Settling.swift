import Pipeline
import SystemPackage
import Watch

/// The settle window while many files change at a time, and some leave. Then all are quiet, and are taken a few at a
/// time, as looks have room.
enum Settling {
    static func measure(_ count: Int) async throws -> Measurement {
        let files = (0..<count).map { Samples.found($0) }
        let begin = ContinuousClock.now
        var quiet = 0
        let measurement = await Measurement.of("settle window", count) {
            var windows = SettleWindows<ContinuousClock.Instant>()
            windows["inbox"] = SettleWindow()
            for round in 0..<3 {
                for (number, file) in files.enumerated() {
                    let instant = begin + .microseconds(round * count + number)
                    _ = windows["inbox"]?.note(file, at: instant, quiet: .seconds(2))
                }
                // A third leaves again.
                if round == 1 { for file in files.prefix(count / 3) { windows.forget(file.path) } }
            }
            while case let taken = windows.takeQuiet(at: begin + .seconds(3600), limit: { _ in 32 }).flatMap(\.files),
                !taken.isEmpty
            {
                quiet += taken.count
            }
        }
        try WrongResult.check("settle window", quiet, is: count)
        return measurement
    }
}
