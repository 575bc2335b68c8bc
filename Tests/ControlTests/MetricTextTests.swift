import Metrics
import Pipeline
import Testing

@testable import Control

@Suite struct MetricTextTests {
    private let hits = MetricFamily("hits_total", .counter, "How often.\nIn \\ all.")
    private let sizes = MetricFamily("sizes", .histogram([1, 2.5]), "How large.")
    private let level = MetricFamily("level", .gauge, "How high.")

    @Test func `families stay together, with help and type once, in their order`() {
        let registry = MetricRegistry([hits, sizes, level])
        Counter(label: "hits_total", dimensions: [("who", "b")], factory: registry).increment(by: 2)
        Recorder(label: "sizes", dimensions: [("who", "a")], aggregate: true, factory: registry).record(2.5)
        Recorder(label: "sizes", dimensions: [("who", "a")], aggregate: true, factory: registry).record(0.5)
        Recorder(label: "sizes", dimensions: [("who", "a")], aggregate: true, factory: registry).record(7)
        Counter(label: "hits_total", dimensions: [("who", "a")], factory: registry).increment()

        let text = MetricText.of([hits, sizes, level], registry, [MetricReading(level, [.init([], 1.5)])])

        #expect(
            text == """
                # HELP hits_total How often.\\nIn \\\\ all.
                # TYPE hits_total counter
                hits_total{who="a"} 1
                hits_total{who="b"} 2
                # HELP sizes How large.
                # TYPE sizes histogram
                sizes_bucket{who="a",le="1"} 1
                sizes_bucket{who="a",le="2.5"} 2
                sizes_bucket{who="a",le="+Inf"} 3
                sizes_sum{who="a"} 10
                sizes_count{who="a"} 3
                # HELP level How high.
                # TYPE level gauge
                level 1.5

                """
        )
    }

    @Test func `quotation marks, backslashes and line ends of labels are escaped`() {
        let reading = MetricReading(level, [.init([("name", "a\"b\\c\nd")], 1)])

        #expect(MetricText.of([level], MetricRegistry([]), [reading]).contains(#"level{name="a\"b\\c\nd"} 1"#))
    }

    @Test func `past 2,000 lines, whole groups are left out, and that is said`() {
        let values = (0..<2500).map { MetricReading.Value([("n", "\($0)")], 1) }
        let text = MetricText.of([level], MetricRegistry([]), [MetricReading(level, values)])
        let lines = text.split(separator: "\n")

        #expect(lines.count { $0.hasPrefix("level{") } == 2000)
        #expect(lines.last == "# 500 lines are left out: there are more than 2000")
    }

    @Test func `a family without a value does not show`() {
        #expect(MetricText.of([hits, level], MetricRegistry([hits]), []) == "")
    }

    @Test func `what is no family, or of another kind, or past the bound, is counted nowhere`() {
        let registry = MetricRegistry([hits, level])
        Counter(label: "strange", factory: registry).increment()
        Counter(label: "level", factory: registry).increment()
        for number in 0..<1200 {
            Counter(label: "hits_total", dimensions: [("n", "\(number)")], factory: registry).increment()
        }

        #expect(registry.entries(of: hits).count == MetricRegistry.most)
        #expect(registry.entries(of: level).isEmpty)
    }
}
