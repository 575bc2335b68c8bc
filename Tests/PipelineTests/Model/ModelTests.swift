import Pipeline
import Testing

@Suite struct TimestampTests {
    @Test func `a moment is written in UTC to the second`() {
        #expect(Timestamp(milliseconds: 0).iso8601 == "1970-01-01T00:00:00Z")
        #expect(Timestamp(milliseconds: 1_763_806_530_999).iso8601 == "2025-11-22T10:15:30Z")
    }

    @Test func `a duration is counted in milliseconds, rounded down`() {
        #expect(Duration.microseconds(1999).milliseconds == 1)
        #expect(Timestamp(milliseconds: 5).advanced(by: .seconds(2)) == Timestamp(milliseconds: 2005))
    }
}

@Suite struct ByteCountTests {
    @Test(arguments: [
        ("0", 0), ("1048576", 1 << 20), ("500MB", 500_000_000), ("5GB", 5_000_000_000), ("5GiB", 5 << 30),
        ("5 GB", 5_000_000_000),
        ("1.5MB", 1_500_000), ("0.5KiB", 512), ("7b", 7), ("2k", 2000), ("3TiB", 3 << 40),
        ("9223372036854775807", Int64.max),
    ])
    func `sizes are read as they are written in a configuration`(text: String, bytes: Int64) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    @Test(arguments: [
        "", "MB", "-1", "-5MB", "5XB", "5MB5", "1.5", "1.2.3MB", ".", "1e3", "9223372036854775808", "10000000000GB",
        "9999999999.5GB", "٣MB", "0x10",
    ])
    func `anything else is no size`(text: String) {
        #expect(ByteCount(text) == nil)
    }

    @Test(arguments: [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (1999, "1.9 kB"), (150_400, "150 kB"),
        (999_999, "999 kB"), (1_000_000, "1 MB"), (73_400_320, "73.4 MB"), (5_000_000_000, "5 GB"),
        (Int64.max, "9223372036 GB"),
    ])
    func `people read the largest unit that fits`(bytes: Int64, text: String) {
        #expect(ByteCount(bytes).description == text)
    }

    @Test func `a whole number of tenths is told to the tenth`() {
        for tenths in Int64(10)..<1000 {
            let rest = tenths % 10 == 0 ? "" : ".\(tenths % 10)"
            #expect(ByteCount(tenths * 100_000_000).description == "\(tenths / 10)\(rest) GB")
        }
    }
}

@Suite struct SizeLimitsTests {
    @Test func `the lower cap of both holds, kind by kind`() {
        let account = SizeLimits([.image: ByteCount(10), .video: ByteCount(10), .gif: ByteCount(10)])
        let folder = SizeLimits([.image: ByteCount(5), .video: ByteCount(20), .document: ByteCount(7)])

        let both = account.lowered(by: folder)

        #expect(both[.image] == ByteCount(5))
        #expect(both[.video] == ByteCount(10))
        #expect(both[.gif] == ByteCount(10))
        #expect(both[.document] == ByteCount(7))
    }
}
