import SystemPackage

/// The name of a file for its provider.
///
/// Both providers want text, but paths are bytes. They strip `/`, `\` and control characters, and take at most 255
/// characters. ConnectSafely takes the type from the name's ending and has no other way.
package enum UploadName {
    /// In UTF-16 code units, the strictest meaning of a server's "character".
    private static let longest = 255

    /// The last component of `path` as valid UTF-8, with an ending that fits `type`. A fitting ending stays as it is,
    /// in any case. Never empty.
    package static func of(_ path: FilePath, type: MediaType) -> String {
        let name = cleaned(path.lastComponent?.string ?? "")
        let (stem, ending) = split(name)
        guard let proper = type.endings.first else { return joined(stem, ending) }
        if type.endings.contains(ending.lowercased()) { return joined(stem, ending) }
        // "report.v2" has a dot but no ending. Its "v2" must not be lost.
        let isEnding = ending.isEmpty || endingsOfFiles.contains(ending.lowercased())
        return joined(isEnding ? stem : "\(stem).\(ending)", proper)
    }

    private static func cleaned(_ name: String) -> String {
        var kept = String.UnicodeScalarView()
        kept.append(
            contentsOf: name.unicodeScalars.filter { scalar in
                scalar.properties.generalCategory != .control && scalar != "/" && scalar != "\\"
            }
        )
        return String(kept)
    }

    /// The parts before and behind the last dot. A name without a dot has no ending.
    private static func split(_ name: String) -> (stem: String, ending: String) {
        guard let dot = name.lastIndex(of: ".") else { return (name, "") }
        return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }

    /// Joins the parts. Shortens the stem if needed, but never within one visible character.
    private static func joined(_ stem: String, _ ending: String) -> String {
        var stem = stem
        var ending = ending
        // This is no ending. It is the rest of a long name with a dot near its beginning.
        if ending.utf16.count > 32 { (stem, ending) = ("\(stem).\(ending)", "") }
        let tail = ending.isEmpty ? "" : ".\(ending)"
        while stem.utf16.count + tail.utf16.count > longest { stem.removeLast() }
        while stem.last == "." { stem.removeLast() }
        return (stem.isEmpty ? "file" : stem) + tail
    }

    /// Endings that name a file's content. They are replaced if the content is something else.
    private static let endingsOfFiles: Set<String> = {
        let others = """
            3g2 3gp 3gpp 7z aac aif aiff amr apng arw asf avif bin bmp cr2 cr3 csv dat dng doc docx eps epub exe file \
            flac flv gz heics heifs hif htm html ico iiq img jfif jp2 jpe json jxl key log m2ts m4a m4b m4p m4v md mid mkv \
            mp3 mpeg mpg mpo mts nef odp ods odt oga ogg ogv opus orf pages part pef ppt pptx ps psd qt raf rar raw rtf \
            rw2 svg tar tif tiff tmp ts txt unknown vob wav wma wmv xls xlsx xml xz zip
            """
        return Set(others.split(separator: " ").map(String.init) + MediaType.known.flatMap(\.endings))
    }()
}
