/// Small files and heads of files, built in code for the corpus.
enum MediaBytes {
    /// An ISO base media file that begins with `ftyp`, and has the index of a video.
    static func iso(_ major: String, _ compatible: String...) -> [UInt8] {
        box("ftyp", ascii(major) + [0, 0, 2, 0] + compatible.flatMap(ascii)) + movie("vide")
    }

    static func box(_ type: String, _ body: [UInt8]) -> [UInt8] {
        bigEndian(UInt64(body.count + 8), 4) + ascii(type) + body
    }

    /// With its size in 64 bits behind the type.
    static func longBox(_ type: String, _ body: [UInt8]) -> [UInt8] {
        bigEndian(1, 4) + ascii(type) + bigEndian(UInt64(body.count + 16), 8) + body
    }

    /// Without a size: to the end of the file.
    static func openBox(_ type: String, _ body: [UInt8]) -> [UInt8] {
        bigEndian(0, 4) + ascii(type) + body
    }

    /// An EBML header of these elements, and a segment of unknown size with a video track.
    static func ebml(_ elements: [UInt8]...) -> [UInt8] {
        element([0x1A, 0x45, 0xDF, 0xA3], elements.flatMap(\.self)) + [0x18, 0x53, 0x80, 0x67, 0xFF] + tracks([1])
    }

    /// With a size of two bytes: the shortest is not the only one.
    static func element(_ id: [UInt8], _ body: [UInt8]) -> [UInt8] {
        id + bigEndian(0x4000 | UInt64(body.count), 2) + body
    }

    static func documentType(_ name: String) -> [UInt8] {
        element([0x42, 0x82], ascii(name))
    }

    /// Local headers and stored data; no directory, which no head shows.
    static func zip(_ entries: (name: String, data: String)...) -> [UInt8] {
        entries.flatMap { entry in
            var bytes: [UInt8] = [0x50, 0x4B, 3, 4, 20, 0, 0, 0, 0, 0]
            bytes += zeros(8)
            bytes += littleEndian(UInt64(entry.data.utf8.count), 4)
            bytes += littleEndian(UInt64(entry.data.utf8.count), 4)
            bytes += littleEndian(UInt64(entry.name.utf8.count), 2)
            bytes += zeros(2)
            return bytes + ascii(entry.name + entry.data)
        }
    }

    static func riff(_ form: String) -> [UInt8] {
        ascii("RIFF") + [36, 0, 0, 0] + ascii(form) + [UInt8](repeating: 0, count: 24)
    }

    /// `count` frames or packets that begin with `header`.
    static func frames(_ header: [UInt8], length: Int, count: Int) -> [UInt8] {
        let frame = header + [UInt8](repeating: 0x55, count: length - header.count)
        return (0..<count).flatMap { _ in frame }
    }

    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    static func ascii(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

    static func bigEndian(_ value: UInt64, _ length: Int) -> [UInt8] {
        (0..<length).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    static func littleEndian(_ value: UInt64, _ length: Int) -> [UInt8] {
        bigEndian(value, length).reversed()
    }
}
