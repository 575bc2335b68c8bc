import SystemPackage

/// A path as the configuration gives it: absolute, and one that names what it seems to name.
enum ConfiguredPath {
    /// PATH_MAX and NAME_MAX of Linux, the first less its null.
    private static let (longest, longestName) = (4095, 255)

    /// The path without `.` and slashes too many; nil where it will not do.
    static func read(_ text: String) -> FilePath? {
        guard text.hasPrefix("/"), trouble(with: text) == nil else { return nil }
        return FilePath(text).lexicallyNormalized()
    }

    /// What is wrong with a text that should be a path; nil where there is no more to say than that it is none.
    static func trouble(with text: String) -> String? {
        if text.unicodeScalars.contains("\0") { return "no path holds a null character" }
        if text.hasPrefix("~") { return "~ is not filled in here: write the whole path" }
        if text.hasPrefix("$") { return "variables are not filled in here: write the whole path" }
        if text.dropFirst().hasPrefix(":\\") || text.hasPrefix("\\") { return "paths are those of Linux, with /" }
        let names = text.utf8.split(separator: UInt8(ascii: "/"))
        // `/srv/link/../x` is not `/srv/x` where `link` leads elsewhere.
        if names.contains(where: { $0.elementsEqual("..".utf8) }) {
            return ".. may lead elsewhere by a link: leave it out"
        }
        if text.utf8.count > longest || names.contains(where: { $0.count > longestName }) {
            return "longer than Linux takes: \(longest) bytes, and \(longestName) for each name"
        }
        return nil
    }
}
