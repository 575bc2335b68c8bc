import FoundationEssentials

/// A small real file for trying out: what `outtray demo` puts into its folder, and what tests upload.
///
/// Made for this project with ffmpeg, ImageMagick, libwebp and libheif, without metadata, and under its license; each
/// opens in the usual decoders.
package struct SampleFile: Sendable {
    /// A file name; of the rejected ones, one is chosen to mislead.
    package let name: String
    package let bytes: [UInt8]

    /// One file of each type that Postbreeze accepts.
    package static let accepted: [SampleFile] = [
        jpeg, png, gif, webp, heic, heif, mp4, quickTime, avi, webm, pdf,
    ]

    /// Files that are told by their content not to be taken, whatever their name.
    package static let rejected: [SampleFile] = [matroska, page]

    /// `base64` may be broken into lines. Text that is no base64 gives an empty file, and the tests see that none is.
    init(name: String, base64: String) {
        self.name = name
        bytes = Data(base64Encoded: base64, options: .ignoreUnknownCharacters).map { [UInt8]($0) } ?? []
    }
}
