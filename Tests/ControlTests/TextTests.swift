import Testing

@testable import Control

@Suite struct TextTests {
    init() { DisplayWidth.begin() }

    @Test(arguments: [
        ("", 0), ("a.jpg", 5), ("写真", 4), ("e\u{301}", 1), ("👍🏽", 2), ("👩‍👩‍👧", 2), ("\u{200B}", 0),
        ("ﾊﾝｶｸ", 4), ("한글", 4),
    ])
    func `a text takes as many columns as a terminal gives it`(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test(arguments: [
        ("holiday.jpg", 11, "holiday.jpg"), ("holiday.jpg", 8, "hol….jpg"), ("写真写真写真", 7, "写…写真"),
        ("holiday.jpg", 1, "…"), ("holiday.jpg", 0, ""),
    ])
    func `a text that is too wide is cut in the middle`(text: String, width: Int, cut: String) {
        #expect(DisplayWidth.cut(text, to: width) == cut)
        for width in 0..<20 { #expect(DisplayWidth.of(DisplayWidth.cut(text, to: width)) <= width) }
    }

    @Test func `columns are aligned, and only what may be is cut`() {
        var table = TextTable([.left, .right, .cut])
        table.add(["NAME", "N", "LAST"])
        table.add(["写真", "1,000", "a very long name.jpg"])

        #expect(
            table.lines(width: nil) == ["NAME      N  LAST", "写真  1,000  a very long name.jpg"]
        )
        #expect(table.lines(width: 24) == ["NAME      N  LAST", "写真  1,000  a ver…e.jpg"])
        #expect(table.lines(width: 5).allSatisfy { $0.hasPrefix("NAME") || $0.hasPrefix("写真  1,000") })
    }

    @Test(arguments: [
        (Duration.milliseconds(250), "250 ms"), (.seconds(40), "40 s"), (.seconds(125), "2 min 5 s"),
        (.seconds(120), "2 min"), (.seconds(4740), "1 h 19 min"), (.seconds(12 * 86_400 + 4 * 3600), "12 d 4 h"),
        (.seconds(-5), "0 ms"),
    ])
    func `durations have their two largest units`(duration: Duration, words: String) {
        #expect(Words.duration(duration) == words)
    }

    @Test func `numbers have groups, and nouns their number`() {
        #expect([0, 999, 1000, 1_234_567, -1234].map(Words.number) == ["0", "999", "1,000", "1,234,567", "-1,234"])
        #expect([0, 1, 2000].map(Words.files) == ["0 files", "1 file", "2,000 files"])
    }

    @Test func `long lines are broken at spaces`() {
        #expect(Words.wrap("one two three four", to: 9, indent: "  ") == ["one two", "  three", "  four"])
        #expect(Words.wrap("one two", to: nil, indent: "  ") == ["one two"])
        #expect(Words.wrap("one two", to: 9, first: "    ", indent: "  ") == ["    one", "  two"])
        #expect(Words.wrap("averylongword", to: 4, indent: "  ") == ["averylongword"])
    }
}
