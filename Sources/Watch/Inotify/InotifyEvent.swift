import Glibc
import SystemPackage

/// One event, as inotify(7) wrote it into the buffer.
package struct InotifyEvent: Sendable, Equatable {
    /// The bits of `mask`; inotify(7) explains each.
    package struct Mask: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) { self.rawValue = rawValue }

        static let modify = Mask(rawValue: UInt32(IN_MODIFY))
        static let attributes = Mask(rawValue: UInt32(IN_ATTRIB))
        static let closeWrite = Mask(rawValue: UInt32(IN_CLOSE_WRITE))
        static let movedFrom = Mask(rawValue: UInt32(IN_MOVED_FROM))
        static let movedTo = Mask(rawValue: UInt32(IN_MOVED_TO))
        static let create = Mask(rawValue: UInt32(IN_CREATE))
        static let delete = Mask(rawValue: UInt32(IN_DELETE))
        static let deleteSelf = Mask(rawValue: UInt32(IN_DELETE_SELF))
        static let moveSelf = Mask(rawValue: UInt32(IN_MOVE_SELF))
        static let unmount = Mask(rawValue: UInt32(IN_UNMOUNT))
        static let queueOverflow = Mask(rawValue: UInt32(IN_Q_OVERFLOW))
        static let ignored = Mask(rawValue: UInt32(IN_IGNORED))
        static let isDirectory = Mask(rawValue: UInt32(IN_ISDIR))
    }

    /// The watch descriptor. -1 for an overflow.
    var watch: Int32
    var mask: Mask
    /// The entry of the watched directory. Nil if the event is about the directory itself.
    var name: FilePath.Component?

    /// Reads all whole events in `bytes`, the result of one read(2).
    ///
    /// Leaves out a torn last event, which the kernel never writes.
    package static func parse(_ bytes: UnsafeRawBufferPointer) -> [InotifyEvent] {
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
