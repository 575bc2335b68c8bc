import SystemPackage

/// A path as the configuration gives it: absolute, and naming what it seems to name.
enum ConfiguredPath {
    /// PATH_MAX and NAME_MAX of Linux. PATH_MAX is less its null.
    private static let (longest, longestName) = (4095, 255)

    /// The path without `.` and extra slashes; nil if it is unfit.
    static func read(_ text: String) -> FilePath? {
        guard text.hasPrefix("/"), trouble(with: text) == nil else { return nil }
        return FilePath(text).lexicallyNormalized()
    }

    /// Why a text is unfit as a path; nil if there is no better advice than that.
    static func trouble(with text: String) -> String? {
        if text.unicodeScalars.contains("\0") { return "no path holds a null character" }
        if text.hasPrefix("~") { return "~ is not filled in here: write the whole path" }
        if text.hasPrefix("$") { return "variables are not filled in here: write the whole path" }
        if text.dropFirst().hasPrefix(":\\") || text.hasPrefix("\\") { return "paths are those of Linux, with /" }
        let names = text.utf8.split(separator: UInt8(ascii: "/"))
        // `/srv/link/../x` is not `/srv/x` if `link` leads elsewhere.
        if names.contains(where: { $0.elementsEqual("..".utf8) }) {
            return ".. may lead elsewhere by a link: leave it out"
        }
        if text.utf8.count > longest || names.contains(where: { $0.count > longestName }) {
            return "longer than Linux takes: \(longest) bytes, and \(longestName) for each name"
        }
        return nil
    }
}
