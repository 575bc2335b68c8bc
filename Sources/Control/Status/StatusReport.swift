import FoundationEssentials
import Pipeline
import SystemPackage

/// What the service tells of itself: the answer of `GET /api/v1/status`, schema 1.
///
/// Times are RFC 3339 in UTC, durations in seconds, sizes in bytes, paths as the manifest writes them. Members may be
/// added; none changes its meaning. What is not known is left out.
package struct StatusReport: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable, CaseIterable {
        /// The first scans are not over.
        case starting
        case ok
        /// Something needs a person, and files go up all the same.
        case degraded
        /// No file can go up.
        case blocked
        case stopping
        /// No service runs; the ledger tells.
        case stopped
    }

    package var schema = 1
    package var version: String
    package var host: String
    package var pid: Int?
    package var startedAt: String?
    package var state: State
    package var problems: [Problem] = []
    package var folders: [Folder] = []
    package var accounts: [Account] = []
    package var waiting: [Waiting] = []
    package var uploading: [Upload] = []
    package var rate: Rate?
    package var lastUploaded: Word?
    package var lastError: Word?
    package var ledger: Ledger?
    package var manifest: Manifest?
    /// The TCP listener; nil if none is asked for.
    package var listen: Listen?
    /// This host in its fleet; nil without one.
    package var fleet: Fleet?

    package struct Problem: Codable, Sendable, Equatable {
        package enum Severity: String, Codable, Sendable {
            case error, warning
        }

        /// From a closed list, for scripts.
        package var code: String
        package var severity: Severity
        /// The name of an account, folder or hook, or the listener's address.
        package var subject: String?
        package var since: String?
        package var message: String
        /// When it is looked at again.
        package var next: String?
        /// What to do.
        package var fix: String?
    }

    package struct Folder: Codable, Sendable, Equatable {
        package struct Files: Codable, Sendable, Equatable {
            package var settling = 0
            package var queued = 0
            package var uploading = 0
            package var uploaded = 0
            package var rejected = 0
            /// Nil if none.
            package var skipped: Int?
            package var gone = 0
        }

        package var name: String
        package var path: String
        package var pathEncoding: String?
        package var account: String
        /// `inotify`, `polling`, `both` or `none`; nil without a service.
        package var watch: String?
        package var directories: Int?
        package var polledDirectories: Int?
        /// Why directories are polled, in words; nil if none is.
        package var polledBecause: [String]?
        package var files: Files
        /// Whether the page may put files into it; nil if not.
        package var acceptsDrops: Bool?
        package var lastScan: String?
        package var nextScan: String?
        package var overflows: Int?
        /// The last file that went up since the start.
        package var lastUploaded: Word?
    }

    package struct Account: Codable, Sendable, Equatable {
        package struct Pace: Codable, Sendable, Equatable {
            package var calls: Int
            package var seconds: Double
            package var used: Int
        }

        package var name: String
        package var provider: String
        /// `open`, `blocked` or `paused`.
        package var state: String
        package var cause: WaitCause?
        package var reason: String?
        package var since: String?
        package var until: String?
        package var inFlight: Int
        package var concurrency: Int
        package var pace: [Pace]
        package var share: Double
    }

    package struct Waiting: Codable, Sendable, Equatable {
        package var cause: WaitCause
        /// The account; nil while no account is known.
        package var subject: String?
        package var files: Int
        package var bytes: Int64
        /// Since when the file waits that has waited longest.
        package var oldest: String?
        package var next: String?
        package var text: String
    }

    package struct Upload: Codable, Sendable, Equatable {
        package var path: String
        /// `percent` for a path that is not UTF-8, as in the manifest.
        package var pathEncoding: String?
        package var account: String
        package var phase: String
        package var bytes: Int64
        package var sent: Int64
        package var bytesPerSecond: Int64
        package var etaSeconds: Int64?
        package var parts: Int
        package var partsDone: Int
    }

    package struct Rate: Codable, Sendable, Equatable {
        package var bytesPerSecond: Int64
        package var filesPerMinute: Int64
    }

    package struct Word: Codable, Sendable, Equatable {
        package var path: String
        package var pathEncoding: String?
        package var at: String
        package var message: String?
    }

    package struct Ledger: Codable, Sendable, Equatable {
        package var bytes: Int64?
        /// Free bytes on its disk.
        package var freeBytes: Int64?
    }

    package struct Manifest: Codable, Sendable, Equatable {
        /// The ledger's newest revision.
        package var revision: Int64?
        /// The newest revision that the manifest's files have.
        package var written: Int64?
    }

    package struct Listen: Codable, Sendable, Equatable {
        package var address: String
        /// ``ServedPart``s.
        package var serves: [String]
        /// Whether it listens now.
        package var open: Bool
    }

    package struct Fleet: Codable, Sendable, Equatable {
        package struct Member: Codable, Sendable, Equatable {
            package var name: String
            /// When it was seen last; nil if it shows signs of life.
            package var silentSince: String?
        }

        /// The name of this host.
        package var host: String
        /// Whether the fleet can be asked.
        package var reachable: Bool
        /// Why it cannot be asked.
        package var reason: String?
        package var since: String?
        /// Until when files wait for it; nil also if they wait as long as it takes.
        package var until: String?
        /// Its hosts, this one too.
        package var members: [Member]
        /// Changes of the manifest that the fleet does not have yet; nil if that is not known.
        package var unpublished: Int64?
        // Since the start.
        package var adopted: Int64
        package var takeovers: Int64
        package var duplicates: Int64
    }

    /// How far the upload of a file is; nil if it is not under way.
    package func upload(of path: FilePath) -> UploadBoard.Upload? {
        let key = ManifestKey(path).text
        return uploading.first { $0.path.utf8.elementsEqual(key.utf8) }.map { upload in
            UploadBoard.Upload(
                path: path,
                account: upload.account,
                bytes: upload.bytes,
                phase: UploadBoard.Phase(rawValue: upload.phase) ?? .reading,
                sent: upload.sent,
                bytesPerSecond: Double(upload.bytesPerSecond),
                pieces: upload.parts,
                piecesDone: upload.partsDone
            )
        }
    }

    /// What waiting files wait for, by this report.
    package var outlook: WaitOutlook {
        var outlook = WaitOutlook(areRecordsClosed: problems.contains { $0.code == "records-closed" })
        for account in accounts { outlook.blocked[account.name] = account.cause }
        return outlook
    }

    /// The report as JSON text on one line.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Every value here is a text, a finite number or a list of them.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// - Throws: `DecodingError` for another text, or one of a version that left out what this one needs.
    package init(json: JSON) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json.json.utf8))
    }

    package init(version: String, host: String, state: State) {
        self.version = version
        self.host = host
        self.state = state
    }
}
