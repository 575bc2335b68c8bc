import SystemPackage

/// Which names and paths of a folder are ignored: by this program's own patterns, and by those of the configuration.
///
/// The own patterns are shell patterns for names. They match small and capital ASCII letters alike (`$Recycle.Bin`,
/// `A.TMP`), since programs write such names either way.
///
/// The configuration's are gitignore patterns below the folder. They match exactly as they are written, unless they
/// ignore case, and they win over the own ones.
///
/// ``DirectoryRules`` adds the patterns of the `.outtrayignore` files.
package struct IgnoreRules: Sendable, Equatable {
    /// The files that programs leave beside the real ones while they write, sync, download or edit.
    package static let defaultPatterns: [String] =
        hidden + unfinishedDownloads + unfinishedTransfers + editors + desktops + networkDisks

    private static let defaults = NamePatterns(
        defaultPatterns.map { String(decoding: $0.utf8.map(\.small), as: UTF8.self) }
    )

    /// The patterns of the configuration.
    let list: IgnoreList
    /// Whether the patterns of `.outtrayignore` files match in any case, as those of the configuration then do.
    let ignoresCase: Bool

    /// The own patterns, and these in addition.
    package init(adding patterns: [String] = [], ignoringCase: Bool = false) {
        list = IgnoreList(patterns, ignoringCase: ignoringCase)
        ignoresCase = ignoringCase
    }

    /// Whether a name is one of this program's own files: `.outtrayignore`, a file on its way out, or one that comes by
    /// the page. No exception brings one back.
    static func isOwn(_ name: BorrowedName) -> Bool {
        name.hasPrefix(ownPrefix) || name.hasSuffix(comingEnding) && isComing(name.bytes.dropLast(comingEnding.count))
    }

    private static let ownPrefix = Array(".outtray".utf8)
    private static let comingEnding = Array(".part".utf8)

    /// Whether a dot and 16 hexadecimal digits end the name, as `DropPlace` writes them.
    private static func isComing(_ name: Slice<UnsafeRawBufferPointer>) -> Bool {
        let digits = name.suffix(16)
        return name.count > 16 && name[name.endIndex - 17] == UInt8(ascii: ".")
            && digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Whether one of this program's patterns ignores a name, if no other pattern decides.
    static func ignoresByDefault(_ name: BorrowedName) -> Bool { withSmallLetters(name, defaults.match) }

    /// The pattern of this program that ignores a name; nil if none does.
    static func defaultPattern(ignoring name: BorrowedName) -> String? {
        guard let small = withSmallLetters(name, defaults.first) else { return nil }
        return defaultPatterns.first { $0.utf8.map(\.small).elementsEqual(small.utf8) }
    }

    /// Whether a file with this name directly in the folder is ignored, as far as the configuration says.
    package func ignores(_ name: FilePath.Component) -> Bool {
        name.withBorrowedName { DirectoryRules(self).ignores($0, isDirectory: false) }
    }

    private static func withSmallLetters<Result>(_ name: BorrowedName, _ body: (BorrowedName) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { buffer in
            for (index, byte) in name.bytes.enumerated() { buffer[index] = CChar(bitPattern: byte.small) }
            buffer[name.count] = 0
            return body(BorrowedName(buffer.baseAddress.map { UnsafePointer($0) } ?? name.start, count: name.count))
        }
    }

    /// Dotfiles: `.git`, `.stfolder`, `.syncthing.*.tmp`, `.~lock.*#`, `.nfs*`, `.fuse_hidden*`. rsync also writes a
    /// dotfile before it renames.
    private static let hidden = [".*"]

    /// Firefox and wget; Chromium; Safari; Opera; qBittorrent; aria2; Transmission and others; yt-dlp's state.
    private static let unfinishedDownloads = [
        "*.part", "*.crdownload", "*.download", "*.opdownload", "*.!qB", "*.!ut", "*.aria2", "*.ytdl",
    ]

    /// rclone; WinSCP and FileZilla; endings with a plain meaning; Syncthing.
    private static let unfinishedTransfers = [
        "*.partial", "*.filepart", "*.tmp", "*.temp", "*.incomplete", "*.unfinished", "~syncthing~*",
    ]

    /// Emacs and most others; Vim; Emacs' auto-save; Office's owner files.
    private static let editors = ["*~", "*.swp", "*.swo", "*.swx", "#*#", "~$*"]

    /// Files of Windows and macOS in every shared folder and in archives; files that fsck and chkdsk recover.
    private static let desktops = [
        "Thumbs.db", "ehthumbs.db", "desktop.ini", "$RECYCLE.BIN", "RECYCLER", "RECYCLED", "System Volume Information",
        "Icon\r", "__MACOSX", "lost+found", "FOUND.[0-9][0-9][0-9]",
    ]

    /// Synology: thumbnails, deleted files, snapshots; QNAP: deleted files, snapshots; NetApp.
    private static let networkDisks = [
        "@eaDir", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot", "~snapshot",
    ]
}
