/// A MIME type, lower case and without parameters, such as `image/jpeg`.
package struct MIMEType: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
}

extension MIMEType {
    package static let jpeg = MIMEType(rawValue: "image/jpeg")
    package static let png = MIMEType(rawValue: "image/png")
    package static let gif = MIMEType(rawValue: "image/gif")
    package static let webp = MIMEType(rawValue: "image/webp")
    package static let heic = MIMEType(rawValue: "image/heic")
    package static let heif = MIMEType(rawValue: "image/heif")
    package static let mp4 = MIMEType(rawValue: "video/mp4")
    package static let quickTime = MIMEType(rawValue: "video/quicktime")
    package static let avi = MIMEType(rawValue: "video/x-msvideo")
    package static let webm = MIMEType(rawValue: "video/webm")
    package static let pdf = MIMEType(rawValue: "application/pdf")
    package static let unknown = MIMEType(rawValue: "application/octet-stream")
}
