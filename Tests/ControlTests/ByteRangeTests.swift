import Testing

@testable import Control

@Suite struct ByteRangeTests {
    private static func part(_ first: Int64, _ count: Int64) -> ByteRange.Wish {
        .part(ByteRange(first: first, count: count))
    }

    @Test(arguments: [
        ("bytes=0-0", part(0, 1)), ("bytes=0-", part(0, 10)), ("bytes=3-5", part(3, 3)), ("bytes=9-", part(9, 1)),
        ("bytes=5-99", part(5, 5)), ("bytes=-3", part(7, 3)), ("bytes=-99", part(0, 10)),
        ("bytes=0-99999999999999999999", part(0, 10)), ("bytes=-99999999999999999999", part(0, 10)),
        ("bytes=10-", .beyond), ("bytes=99999999999999999999-", .beyond), ("bytes=-0", .beyond),
        ("bytes=-", .whole), ("bytes=", .whole), ("bytes=5-3", .whole), ("bytes=a-b", .whole),
        ("bytes=0-1,3-4", .whole),
        ("bytes=+1-2", .whole), ("bytes=1-2-3", .whole), ("items=0-1", .whole), ("", .whole),
    ])
    func `a range is a part of the file, beyond it, or none`(field: String, wish: ByteRange.Wish) {
        #expect(ByteRange.wish(field, of: 10) == wish)
    }

    @Test func `an empty file has no part`() {
        for field in ["bytes=0-", "bytes=0-0", "bytes=-1"] { #expect(ByteRange.wish(field, of: 0) == .beyond) }
    }
}
