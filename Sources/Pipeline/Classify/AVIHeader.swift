/// The list `hdrl` of an AVI file ("AVI RIFF File Reference", Microsoft): the sides and the duration of its video.
enum AVIHeader {
    /// The sides are the main header's (`avih`). The duration is that of the video stream (`strh`). In a file over 1 GB
    /// the main header counts only the frames of the first part, so it decides only if no stream tells.
    static func measure(of list: RIFFChunk, in bytes: FileBytes) -> MediaMeasure {
        var main: RIFFChunk?
        var stream: RIFFChunk?
        list.walk(in: bytes) { chunk in
            if chunk.type == "avih" { main = main ?? chunk }
            if chunk.isList("strl", in: bytes) { stream = stream ?? video(in: chunk, bytes) }
            return true
        }
        return MediaMeasure(
            sides: (main?.number(at: 32, in: bytes), main?.number(at: 36, in: bytes)),
            duration: stream.flatMap { duration(ofStream: $0, bytes) } ?? main.flatMap { duration(ofMain: $0, bytes) }
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
        guard let scale = header.number(at: 20, in: bytes), let length = header.number(at: 32, in: bytes) else {
            return nil
        }
        return MediaMeasure.duration(scale * length, perSecond: header.number(at: 24, in: bytes))
    }

    /// Its number of frames, each so many microseconds long.
    private static func duration(ofMain header: RIFFChunk, _ bytes: FileBytes) -> Duration? {
        guard let frame = header.number(at: 0, in: bytes), let frames = header.number(at: 16, in: bytes) else {
            return nil
        }
        return MediaMeasure.duration(frame * frames, perSecond: 1_000_000)
    }
}
