/// One step in the life of a file, for people who ask why the file is where it is.
///
/// The ledger records a step in the commit that changes the file's state. It has facts and no sentences: words are made
/// where a step is shown.
package struct FileStep: Equatable, Sendable {
    /// The raw values are stored in the ledger and shown to scripts. A released one never changes.
    package enum Kind: String, Sendable, CaseIterable {
        /// The file came to Outtray's notice.
        case seen
        /// Another process held the file open for writing.
        case held
        /// The file had stopped changing.
        case settled
        case classified
        case queued
        /// The provider told where the bytes go.
        case asked
        /// The storage took a piece.
        case sent
        /// The file is up.
        case finished
        /// The file's bytes were up already.
        case reused
        /// Another host of the fleet had brought the file's bytes up.
        case adopted
        /// A try failed, or could not be made.
        case postponed
        /// The file changed.
        case changed
        /// The provider said whether the asset can be used.
        case status
        case rejected
        /// A person asked for another try.
        case retried
        /// The entry came from another path.
        case moved
        /// The file left its folder by itself or by its user.
        case left
        /// Outtray removed the file from its folder.
        case departed
        /// A hook ran.
        case hook

        /// Whether equal steps in a row are one step that counts.
        package var isCounted: Bool {
            switch self {
            case .held, .sent, .postponed, .changed, .status, .hook: true
            case .seen, .settled, .classified, .queued, .asked, .finished, .reused, .adopted, .rejected, .retried,
                .moved, .left, .departed:
                false
            }
        }

        /// Whether the file is no longer there after the step.
        package var isEnd: Bool { self == .left || self == .departed }
    }

    package let kind: Kind
    /// When the step was taken first.
    package let at: Timestamp
    package let facts: Facts
    /// How often the step was taken in a row.
    package let times: Int
    /// When the step was taken last, if it was taken more than once.
    package let last: Timestamp?

    package init(_ kind: Kind, at: Timestamp, _ facts: Facts = Facts(), times: Int = 1, last: Timestamp? = nil) {
        self.kind = kind
        self.at = at
        self.facts = facts
        self.times = times
        self.last = last
    }
}

extension FileStep {
    /// What is known of a step. Each fact is left out where it does not apply.
    package struct Facts: Equatable, Sendable {
        /// The file's size.
        package var bytes: Int64?
        package var mimeType: MIMEType?
        package var kind: MediaKind?
        package var measure = MediaMeasure.unknown
        package var warnings: [MediaWarning] = []
        package var account: String?
        /// The asset URN, media id or public URL.
        package var asset: String?
        /// How many PUTs the file needs.
        package var pieces: Int?
        package var cause: WaitCause?
        package var code: Rejection.Code?
        /// Words of a provider, a kernel or a rule.
        package var reason: String?
        package var status: AssetStatus?
        /// The other path of a move, as the manifest writes it.
        package var path: String?
        /// `percent` if the path is percent-encoded, as in the manifest. Steps of earlier versions do not tell.
        package var pathEncoding: String?
        /// The name of a hook. Without a reason, the hook was delivered.
        package var hook: String?
        /// The name of another host of the fleet.
        package var host: String?
        /// When the other host had brought the bytes up.
        package var uploadedAt: Timestamp?

        package init(
            bytes: Int64? = nil,
            mimeType: MIMEType? = nil,
            kind: MediaKind? = nil,
            measure: MediaMeasure = .unknown,
            warnings: [MediaWarning] = [],
            account: String? = nil,
            asset: String? = nil,
            pieces: Int? = nil,
            cause: WaitCause? = nil,
            code: Rejection.Code? = nil,
            reason: String? = nil,
            status: AssetStatus? = nil,
            path: String? = nil,
            pathEncoding: String? = nil,
            hook: String? = nil,
            host: String? = nil,
            uploadedAt: Timestamp? = nil
        ) {
            self.bytes = bytes
            self.mimeType = mimeType
            self.kind = kind
            self.measure = measure
            self.warnings = warnings
            self.account = account
            self.asset = asset
            self.pieces = pieces
            self.cause = cause
            self.code = code
            self.reason = reason
            self.status = status
            self.path = path
            self.pathEncoding = pathEncoding
            self.hook = hook
            self.host = host
            self.uploadedAt = uploadedAt
        }

        /// Facts by name. Names that are unknown, of a later version, are passed over.
        package init(_ members: [JSON.Member]) {
            bytes = members["bytes"]?.int64
            mimeType = members["mimeType"]?.string.map(MIMEType.init(rawValue:))
            kind = members["kind"]?.string.flatMap(MediaKind.init(rawValue:))
            measure = MediaMeasure.fields.filled(.unknown, from: members) ?? .unknown
            warnings = [MediaWarning](members["warnings"])
            account = members["account"]?.string
            asset = members["asset"]?.string
            pieces = members["pieces"]?.int64.map(Int.init)
            cause = members["cause"]?.string.flatMap(WaitCause.init(rawValue:))
            code = members["code"]?.string.flatMap(Rejection.Code.init(rawValue:))
            reason = members["reason"]?.string
            status = members["status"]?.string.flatMap(AssetStatus.init(rawValue:))
            path = members["path"]?.string
            pathEncoding = members["pathEncoding"]?.string
            hook = members["hook"]?.string
            host = members["host"]?.string
            uploadedAt = members["uploadedAt"]?.string.flatMap(Timestamp.init(iso8601:))
        }

        package var json: JSON {
            .object([
                "bytes": bytes.map(JSON.integer),
                "mimeType": mimeType.map { .string($0.rawValue) },
                "kind": kind.map { .string($0.rawValue) },
                "width": measure.width.map(JSON.integer),
                "height": measure.height.map(JSON.integer),
                "durationMs": measure.milliseconds.map(JSON.integer),
                "warnings": warnings.isEmpty ? nil : warnings.json,
                "account": account.map(JSON.string),
                "asset": asset.map(JSON.string),
                "pieces": pieces.map { .integer(Int64($0)) },
                "cause": cause.map { .string($0.rawValue) },
                "code": code.map { .string($0.rawValue) },
                "reason": reason.map(JSON.string),
                "status": status.map { .string($0.rawValue) },
                "path": path.map(JSON.string),
                "pathEncoding": pathEncoding.map(JSON.string),
                "hook": hook.map(JSON.string),
                "host": host.map(JSON.string),
                "uploadedAt": uploadedAt.map { .string($0.iso8601) },
            ])
        }
    }
}

extension Receipt {
    /// The id by which a person finds the asset: asset URN, media id or public URL.
    package var id: String? { assetURN ?? mediaID ?? publicURL }
}
