/// The list `hdrl` of an AVI file ("AVI RIFF File Reference", Microsoft): the sides and the duration of its video.
enum AVIHeader {
    /// The sides are the main header's (`avih`). The duration is that of the video stream (`strh`), else the main
    /// header's. In a file of several parts, the main header counts only the frames of the first part. Such a file has
    /// a list `odml` (OpenDML AVI 1.02), or more than 1 GB; then only the stream decides. A file without room for what
    /// a header counts tells no duration.
    static func measure(of list: RIFFChunk, in bytes: FileBytes) -> MediaMeasure {
        var main: RIFFChunk?
        var stream: RIFFChunk?
        var mayHaveParts = bytes.size > 1_000_000_000
        list.walk(in: bytes) { chunk in
            if chunk.type == "avih" { main = main ?? chunk }
            if chunk.isList("odml", in: bytes) { mayHaveParts = true }
            if chunk.isList("strl", in: bytes) { stream = stream ?? video(in: chunk, bytes) }
            return true
        }
        let sides = (main?.number(at: 32, in: bytes), main?.number(at: 36, in: bytes))
        let lengths = [stream.flatMap { length(ofStream: $0, bytes) }, main.flatMap { length(ofMain: $0, bytes) }]
        guard lengths.allSatisfy({ hasRoom(for: $0, bytes) }) else { return MediaMeasure(sides: sides) }
        let counted = mayHaveParts ? nil : main
        return MediaMeasure(
            sides: sides,
            duration: stream.flatMap { duration(ofStream: $0, bytes) }
                ?? counted.flatMap { duration(ofMain: $0, bytes) }
        )
    }

    /// The header of the stream, if it is a video.
    private static func video(in list: RIFFChunk, _ bytes: FileBytes) -> RIFFChunk? {
        var header: RIFFChunk?
        list.walk(in: bytes) { chunk in
            if chunk.type == "strh", bytes.has("vids", at: chunk.body) { header = chunk }
            return chunk.type != "strh"
        }
        return header
    }

    /// Its length, in units of `scale` ÷ `rate` seconds.
    private static func duration(ofStream header: RIFFChunk, _ bytes: FileBytes) -> Duration? {
        guard let scale = header.number(at: 20, in: bytes), let length = length(ofStream: header, bytes)
        else { return nil }
        return MediaMeasure.duration(scale * length, perSecond: header.number(at: 24, in: bytes))
    }

    /// Its number of frames, each so many microseconds long.
    private static func duration(ofMain header: RIFFChunk, _ bytes: FileBytes) -> Duration? {
        guard let frame = header.number(at: 0, in: bytes), let frames = length(ofMain: header, bytes)
        else { return nil }
        return MediaMeasure.duration(frame * frames, perSecond: 1_000_000)
    }

    private static func length(ofStream header: RIFFChunk, _ bytes: FileBytes) -> UInt64? {
        filledIn(header.number(at: 32, in: bytes))
    }

    private static func length(ofMain header: RIFFChunk, _ bytes: FileBytes) -> UInt64? {
        filledIn(header.number(at: 16, in: bytes))
    }

    /// Nil for the 0x40000000 of FFmpeg (`libavformat/avienc.c`): it writes to a pipe, and cannot come back to fill in
    /// the number.
    private static func filledIn(_ number: UInt64?) -> UInt64? { number == 0x4000_0000 ? nil : number }

    /// Whether the file can have so many frames: each has a chunk, whose header takes eight bytes.
    private static func hasRoom(for frames: UInt64?, _ bytes: FileBytes) -> Bool {
        (frames ?? 0) * 8 <= UInt64(bytes.size)
    }
}
