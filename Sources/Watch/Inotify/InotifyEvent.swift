import Glibc
import SystemPackage

/// One event, as inotify(7) wrote it into the buffer.
struct InotifyEvent: Sendable, Equatable {
    /// The bits of `mask`. The names are the kernel's without `IN_`.
    struct Mask: OptionSet, Sendable {
        let rawValue: UInt32

        static let modify = Mask(rawValue: 0x2)
        static let attributes = Mask(rawValue: 0x4)
        static let closeWrite = Mask(rawValue: 0x8)
        static let movedFrom = Mask(rawValue: 0x40)
        static let movedTo = Mask(rawValue: 0x80)
        static let create = Mask(rawValue: 0x100)
        static let delete = Mask(rawValue: 0x200)
        static let deleteSelf = Mask(rawValue: 0x400)
        static let moveSelf = Mask(rawValue: 0x800)
        static let unmount = Mask(rawValue: 0x2000)
        static let queueOverflow = Mask(rawValue: 0x4000)
        static let ignored = Mask(rawValue: 0x8000)
        static let isDirectory = Mask(rawValue: 0x4000_0000)
    }

    /// The watch descriptor. -1 for an overflow.
    var watch: Int32
    var mask: Mask
    /// The entry of the watched directory. Nil if the event is about the directory itself.
    var name: FilePath.Component?

    /// Reads all whole events in `bytes`, the result of one read(2).
    ///
    /// Leaves out a torn last event, which the kernel never writes.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> [InotifyEvent] {
        var events: [InotifyEvent] = []
        var rest = bytes[...]
        while let event = takeFirst(from: &rest) {
            events.append(event)
        }
        return events
    }

    /// `struct inotify_event`: wd, mask, cookie, len, each 32 bits. Then `len` bytes of name follow, padded with NULs.
    private static let headerSize = 16

    private static func takeFirst(from rest: inout Slice<UnsafeRawBufferPointer>) -> InotifyEvent? {
        guard rest.count >= headerSize else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: rest)
        let length = Int(bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
        guard bytes.count - headerSize >= length else { return nil }
        defer { rest = rest.dropFirst(headerSize + length) }
        return InotifyEvent(
            watch: bytes.loadUnaligned(fromByteOffset: 0, as: Int32.self),
            mask: Mask(rawValue: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)),
            name: name(in: bytes[headerSize..<(headerSize + length)])
        )
    }

    private static func name(in field: Slice<UnsafeRawBufferPointer>) -> FilePath.Component? {
        let name = field.prefix { $0 != 0 }
        guard !name.isEmpty else { return nil }
        return FilePath.Component(platformString: name.map { CChar(bitPattern: $0) } + [0])
    }
}
