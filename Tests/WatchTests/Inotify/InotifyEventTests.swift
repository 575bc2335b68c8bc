import SystemPackage
import Testing

@testable import Watch

struct InotifyEventTests {
    /// `struct inotify_event` as the kernel lays it out.
    private func bytes(watch: Int32, mask: UInt32, name: [UInt8], padding: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        let length = UInt32(name.count + padding)
        for word in [UInt32(bitPattern: watch), mask, 0, length] {
            withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) }
        }
        return bytes + name + [UInt8](repeating: 0, count: padding)
    }

    private func parse(_ bytes: [UInt8]) -> [InotifyEvent] {
        bytes.withUnsafeBytes { InotifyEvent.parse($0) }
    }

    @Test func `events that follow each other are read in order`() throws {
        let raw =
            bytes(watch: 1, mask: 0x100, name: Array("a.mp4".utf8), padding: 11)
            + bytes(watch: 2, mask: 0x4000_0200, name: Array("sixteen-letters!".utf8), padding: 16)
            + bytes(watch: 3, mask: 0x8000, name: [], padding: 0)

        let events = parse(raw)

        #expect(
            events == [
                InotifyEvent(watch: 1, mask: .create, name: "a.mp4"),
                InotifyEvent(watch: 2, mask: [.delete, .isDirectory], name: "sixteen-letters!"),
                InotifyEvent(watch: 3, mask: .ignored, name: nil),
            ]
        )
    }

    @Test func `an odd length leaves the next event unaligned and is read all the same`() {
        let raw =
            bytes(watch: 7, mask: 0x2, name: Array("abc".utf8), padding: 0)
            + bytes(watch: 8, mask: 0x8, name: Array("d".utf8), padding: 4)

        #expect(parse(raw).map(\.watch) == [7, 8])
        #expect(parse(raw).map(\.name) == ["abc", "d"])
    }

    @Test func `an overflow has no watch and no name`() {
        let events = parse(bytes(watch: -1, mask: 0x4000, name: [], padding: 0))

        #expect(events == [InotifyEvent(watch: -1, mask: .queueOverflow, name: nil)])
    }

    @Test(arguments: [1, 15, 16, 20, 31])
    func `a torn last event is left out`(length: Int) {
        let whole = bytes(watch: 1, mask: 0x100, name: Array("whole".utf8), padding: 3)
        let torn = bytes(watch: 2, mask: 0x100, name: Array("torn".utf8), padding: 12)

        #expect(parse(whole + torn.prefix(length)).map(\.watch) == [1])
    }

    @Test func `a name keeps bytes that are not UTF-8 and newlines`() throws {
        let name: [UInt8] = [0xFF, 0x0A, 0xC3, 0x28]

        let parsed = try #require(parse(bytes(watch: 1, mask: 0x100, name: name, padding: 12)).first?.name)

        let kept = parsed.withPlatformString { Array(UnsafeBufferPointer(start: $0, count: 4)) }
        #expect(kept == name.map { CChar(bitPattern: $0) })
    }

    @Test func `a name of 255 bytes is read whole`() {
        let name = [UInt8](repeating: UInt8(ascii: "n"), count: 255)

        let parsed = parse(bytes(watch: 1, mask: 0x100, name: name, padding: 1)).first?.name

        #expect(parsed?.string.utf8.count == 255)
    }
}
