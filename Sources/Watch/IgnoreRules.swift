import Glibc
import SystemPackage

/// Which names are not looked at: shell patterns, by fnmatch(3), on the last component of a path.
///
/// A directory whose name matches is not entered. Names are bytes: one that is not UTF-8 is matched as well.
package struct IgnoreRules: Sendable, Equatable {
    /// What programs leave beside the real files while they write, sync, download or edit.
    package static let defaultPatterns: [String] =
        hidden + unfinishedDownloads + unfinishedTransfers + editors + desktops

    private let patterns: [String]

    /// The default patterns, and these on top of them.
    package init(adding patterns: [String] = []) {
        self.patterns = Self.defaultPatterns + patterns
    }

    /// Whether a file of this name is passed over, and a directory of this name not entered.
    package func ignores(_ name: FilePath.Component) -> Bool {
        name.withPlatformString { bytes in
            patterns.contains { fnmatch($0, bytes, 0) == 0 }
        }
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

    /// What Windows and macOS put into every folder that is shared with them.
    private static let desktops = [
        "Thumbs.db", "ehthumbs.db", "desktop.ini", "$RECYCLE.BIN", "System Volume Information", "Icon\r", "lost+found",
    ]
}
