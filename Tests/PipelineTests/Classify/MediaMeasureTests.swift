import Testing

@testable import Pipeline

@Suite struct MediaMeasureTests {
    @Test(arguments: MeasureRow.all)
    func `each file's pixels and duration are what it says, or not known`(row: MeasureRow) {
        let finding = MediaClassifier.classify(row.bytes)

        #expect(finding.measure == row.measure, "\(finding)")
    }

    /// Wherever the file ends, nothing is measured that the whole file does not say. Where no index announces
    /// fragments, a file that is cut before them has no more than its index says. A large file would take long.
    @Test(arguments: MeasureRow.all.filter { !$0.name.hasPrefix("fragments that") && $0.bytes.count < 4000 })
    func `a file cut off anywhere says the same or less`(row: MeasureRow) {
        for length in 0..<row.bytes.count {
            let measure = MediaClassifier.classify(Array(row.bytes.prefix(length))).measure

            #expect(measure.width == nil || measure.width == row.measure.width, "\(length) bytes")
            #expect(measure.height == nil || measure.height == row.measure.height, "\(length) bytes")
            #expect(measure.duration == nil || measure.duration == row.measure.duration, "\(length) bytes")
            #expect((measure.width == nil) == (measure.height == nil))
        }
    }

    @Test(arguments: [
        (UInt64(0), UInt64(1), Int64?.none), (1, 0, nil), (1, 2001, nil), (1, 2000, 1), (3, 1000, 3), (5, 3, 1667),
        (.max, 1, nil), (.max, .max, 1000),
    ])
    func `a duration is to the nearest millisecond, and none that is absurd`(
        units: UInt64,
        perSecond: UInt64,
        milliseconds: Int64?
    ) {
        #expect(MediaMeasure.duration(units, perSecond: perSecond) == milliseconds.map { .milliseconds($0) })
    }

    @Test func `words have the clock of a player and both sides`() {
        #expect(MediaMeasure(width: 1080, height: 1920, duration: .seconds(42)).words == "0:42 · 1080 × 1920")
        #expect(MediaMeasure(duration: .milliseconds(3_723_900)).words == "1:02:03")
        #expect(MediaMeasure(duration: .milliseconds(40)).words == "0.04 s")
        #expect(MediaMeasure.unknown.words.isEmpty)
    }
}
