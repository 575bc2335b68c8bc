import FoundationEssentials

/// A small real file for trying out. `outtray demo` puts it into its folder, and tests upload it.
///
/// The files were made for this project with ffmpeg, ImageMagick, libwebp and libheif, without metadata. They are under
/// its license. Each opens in the usual decoders.
package struct SampleFile: Sendable {
    /// A file name. One of the rejected files has a misleading name.
    package let name: String
    package let bytes: [UInt8]

    /// One file of each type that Postbreeze accepts.
    package static let accepted: [SampleFile] = [
        jpeg, png, gif, webp, heic, heif, mp4, quickTime, avi, webm, pdf,
    ]

    /// Files to reject by their content, whatever their name.
    package static let rejected: [SampleFile] = [matroska, page]

    /// `base64` may be broken into lines. Text that is no base64 gives an empty file; the tests check that no file is
    /// empty.
    init(name: String, base64: String) {
        self.name = name
        bytes = Data(base64Encoded: base64, options: .ignoreUnknownCharacters).map { [UInt8]($0) } ?? []
    }
}
