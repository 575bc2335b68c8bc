import SystemPackage

/// Which names are ignored: shell patterns of fnmatch(3), for the last component of a path.
///
/// A directory with such a name is not entered. Names are bytes, so names that are not UTF-8 are matched as well.
///
/// The default patterns match small and capital ASCII letters alike (`$Recycle.Bin`, `A.TMP`), since programs write
/// such names either way. A person's own patterns match exactly as they are written.
package struct IgnoreRules: Sendable, Equatable {
    /// The files that programs leave beside the real ones while they write, sync, download or edit.
    package static let defaultPatterns: [String] =
        hidden + unfinishedDownloads + unfinishedTransfers + editors + desktops + networkDisks

    private static let defaults = NamePatterns(
        defaultPatterns.map { String(decoding: $0.utf8.map(small), as: UTF8.self) }
    )

    private let own: NamePatterns

    /// The default patterns, and these in addition.
    package init(adding patterns: [String] = []) {
        own = NamePatterns(patterns)
    }

    /// Whether a file with this name is ignored, and a directory with this name not entered.
    package func ignores(_ name: FilePath.Component) -> Bool {
        name.withBorrowedName(ignores)
    }

    func ignores(_ name: BorrowedName) -> Bool {
        own.match(name) || Self.withSmallLetters(name, Self.defaults.match)
    }

    /// The pattern by which a name is ignored; nil if it is not. A person's own patterns come first.
    package func pattern(ignoring name: FilePath.Component) -> String? {
        if let pattern = own.first(matching: name) { return pattern }
        guard let small = name.withBorrowedName({ Self.withSmallLetters($0, Self.defaults.first) }) else { return nil }
        return Self.defaultPatterns.first { $0.utf8.map(Self.small).elementsEqual(small.utf8) }
    }

    private static func withSmallLetters<Result>(_ name: BorrowedName, _ body: (BorrowedName) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { buffer in
            for (index, byte) in name.bytes.enumerated() { buffer[index] = CChar(bitPattern: small(byte)) }
            buffer[name.count] = 0
            return body(BorrowedName(buffer.baseAddress.map { UnsafePointer($0) } ?? name.start, count: name.count))
        }
    }

    /// Lowers ASCII letters only: FNM_CASEFOLD depends on the locale.
    private static func small(_ byte: UInt8) -> UInt8 {
        (65...90).contains(byte) ? byte + 32 : byte
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
