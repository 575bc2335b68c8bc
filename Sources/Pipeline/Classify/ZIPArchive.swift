/// ZIP archives, and documents in the form of ZIP archives. The entries in the head tell them apart.
enum ZIPArchive {
    static func type(of head: FileHead) -> MediaType? {
        // PK\5\6 is an empty archive, PK\7\8 the first of several volumes.
        guard head.has([0x50, 0x4B, 3, 4], at: 0) else {
            let isArchive = head.has([0x50, 0x4B, 5, 6], at: 0) || head.has([0x50, 0x4B, 7, 8], at: 0)
            return isArchive ? archive : nil
        }
        let entries = entries(of: head)
        return declared(entries.first, in: head) ?? office(entries) ?? package(entries) ?? archive
    }

    /// An entry's name, and the offset of its data.
    private struct Entry {
        let name: String
        let data: Int
    }

    /// The entries with a local header in the head. The next header is searched for, as sizes may come only after the
    /// data.
    private static func entries(of head: FileHead) -> [Entry] {
        var entries: [Entry] = []
        var offset: Int? = 0
        while let start = offset {
            guard
                let nameLength = head.littleNumber(at: start + 26, length: 2),
                let extraLength = head.littleNumber(at: start + 28, length: 2),
                let name = head.slice(at: start + 30, length: Int(nameLength))
            else { break }
            let data = start + 30 + Int(nameLength) + Int(extraLength)
            entries.append(Entry(name: String(decoding: name, as: UTF8.self), data: data))
            offset = head.firstIndex(of: [0x50, 0x4B, 3, 4], from: start + 30 + Int(nameLength))
        }
        return entries
    }

    /// OpenDocument and EPUB begin with an uncompressed entry named `mimetype`. The entry holds the document's type.
    private static func declared(_ first: Entry?, in head: FileHead) -> MediaType? {
        guard let first, first.name == "mimetype" else { return nil }
        let openDocument = "application/vnd.oasis.opendocument."
        if head.has("application/epub+zip", at: first.data) {
            return .other("application/epub+zip", "an EPUB book")
        }
        guard head.has(openDocument, at: first.data) else { return nil }
        for (suffix, name) in [
            ("text", "an OpenDocument text"),
            ("spreadsheet", "an OpenDocument spreadsheet"),
            ("presentation", "an OpenDocument presentation"),
            ("graphics", "an OpenDocument drawing"),
        ] where head.has(openDocument + suffix, at: first.data) {
            return .other(openDocument + suffix, name)
        }
        return .other(openDocument + "text", "an OpenDocument document")
    }

    /// Office Open XML. The folder of the main part names the kind of document.
    private static func office(_ entries: [Entry]) -> MediaType? {
        let base = "application/vnd.openxmlformats-officedocument."
        for (folder, mime, name) in [
            ("word/", "wordprocessingml.document", "a Word document"),
            ("xl/", "spreadsheetml.sheet", "an Excel workbook"),
            ("ppt/", "presentationml.presentation", "a PowerPoint presentation"),
        ] where entries.contains(where: { $0.name.hasPrefix(folder) }) {
            return .other(base + mime, name)
        }
        let isOffice = entries.contains { $0.name == "[Content_Types].xml" || $0.name.hasPrefix("docProps/") }
        return isOffice ? .other("application/vnd.openxmlformats-officedocument", "an Office document") : nil
    }

    private static func package(_ entries: [Entry]) -> MediaType? {
        if entries.contains(where: { $0.name == "AndroidManifest.xml" }) {
            return .other("application/vnd.android.package-archive", "an Android app")
        }
        if entries.contains(where: { $0.name == "META-INF/MANIFEST.MF" }) {
            return .other("application/java-archive", "a Java archive")
        }
        return nil
    }

    private static let archive = MediaType.other("application/zip", "a ZIP archive")
}
