/// The header of a GIF file. Readers forgive what lacks behind it.
enum GIFContent {
    /// The sides are those of the logical screen (GIF89a, section 18), on which all frames are drawn.
    static func finding(in bytes: FileBytes) -> MediaFinding {
        let sides = (bytes.littleNumber(at: 6, length: 2), bytes.littleNumber(at: 8, length: 2))
        return MediaFinding(.gif, measure: MediaMeasure(sides: sides))
    }
}
