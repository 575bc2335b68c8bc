import Glibc
import SystemPackage

/// Which names are not looked at: shell patterns, by fnmatch(3), on the last component of a path.
///
/// A directory whose name matches is not entered. Names are bytes: one that is not UTF-8 is matched as well. The defaults
/// match whether their ASCII letters are small or capital (`$Recycle.Bin`, `A.TMP`): those who write such names do as they
/// like. A person's own patterns match as they are written.
package struct IgnoreRules: Sendable, Equatable {
    /// What programs leave beside the real files while they write, sync, download or edit.
    package static let defaultPatterns: [String] =
        hidden + unfinishedDownloads + unfinishedTransfers + editors + desktops + networkDisks

    private static let defaults = defaultPatterns.map { Array($0.utf8CString).map(small) }

    private let patterns: [[CChar]]

    /// The default patterns, and these on top of them.
    package init(adding patterns: [String] = []) {
        self.patterns = patterns.map { Array($0.utf8CString) }
    }

    /// Whether a file of this name is passed over, and a directory of this name not entered.
    package func ignores(_ name: FilePath.Component) -> Bool {
        name.withPlatformString { bytes in
            if Self.matches(bytes, patterns) { return true }
            let length = strlen(bytes)
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { buffer in
                for index in 0...length { buffer[index] = Self.small(bytes[index]) }
                return buffer.baseAddress.map { Self.matches($0, Self.defaults) } ?? false
            }
        }
    }

    private static func matches(_ name: UnsafePointer<CChar>, _ patterns: [[CChar]]) -> Bool {
        patterns.contains { fnmatch($0, name, 0) == 0 }
    }

    /// By ASCII alone: FNM_CASEFOLD goes by the locale.
    private static func small(_ byte: CChar) -> CChar {
        (65...90).contains(byte) ? byte + 32 : byte
    }

    /// Dotfiles: `.git`, `.stfolder`, `.syncthing.*.tmp`, `.~lock.*#`, `.nfs*`, `.fuse_hidden*`, and what rsync writes
    /// before it renames.
    private static let hidden = [".*"]

    /// Firefox and wget; Chromium; Safari; Opera; qBittorrent; aria2; Transmission and others; yt-dlp's state.
    private static let unfinishedDownloads = [
        "*.part", "*.crdownload", "*.download", "*.opdownload", "*.!qB", "*.!ut", "*.aria2", "*.ytdl",
    ]

    /// rclone; WinSCP and FileZilla; those that say it in so many words.
    private static let unfinishedTransfers = [
        "*.partial", "*.filepart", "*.tmp", "*.temp", "*.incomplete", "*.unfinished", "~syncthing~*",
    ]

    /// Emacs and most others; Vim; Emacs' auto-save; Office's owner files.
    private static let editors = ["*~", "*.swp", "*.swo", "*.swx", "#*#", "~$*"]

    /// What Windows and macOS put into every folder that is shared with them, and into archives; what fsck and chkdsk find.
    private static let desktops = [
        "Thumbs.db", "ehthumbs.db", "desktop.ini", "$RECYCLE.BIN", "RECYCLER", "RECYCLED", "System Volume Information",
        "Icon\r", "__MACOSX", "lost+found", "FOUND.[0-9][0-9][0-9]",
    ]

    /// Synology: thumbnails, deleted files, snapshots; QNAP: deleted files, snapshots; NetApp.
    private static let networkDisks = [
        "@eaDir", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot", "~snapshot",
    ]
}
