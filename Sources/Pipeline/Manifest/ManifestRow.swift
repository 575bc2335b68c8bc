import SystemPackage

/// One path of the manifest: an entry or a rejection.
package struct ManifestRow: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case entry(ManifestEntry)
        case rejected(ManifestRejection)
    }

    package let path: FilePath
    package let content: Content
    /// The name of the host whose path it is, in the manifest of a fleet; nil in a host's own.
    package var host: String?
    /// The fleet's name of an entry's account, if its asset is the one that all hosts know of its content. Nil in a
    /// host's own manifest.
    package var fleetAccount: String?
    /// Whether the snapshot shows the path. False for the old path of a moved entry, and for a rejected file that left.
    ///
    /// A replaced journal says `removed` of a path that is not shown, for readers who missed the change.
    package let shown: Bool
    /// Whether it is not shown because its entry was forgotten.
    package var isForgotten = false

    package init(path: FilePath, content: Content, shown: Bool = true, host: String? = nil) {
        self.path = path
        self.content = content
        self.shown = shown
        self.host = host
    }

    /// The revision of the path's last change.
    package var revision: Int64 {
        switch content {
        case .entry(let entry): entry.revision
        case .rejected(let rejection): rejection.revision
        }
    }
}

/// The manifest's entry for an uploaded file.
package struct ManifestEntry: Hashable, Sendable {
    /// Nil for a file that was pushed by name from outside the watched folders.
    package var folder: String?
    package var kind: MediaKind
    package var mimeType: MIMEType
    package var bytes: Int64
    package var sha256: SHA256Digest
    /// Unknown for what went up before Outtray measured files.
    package var measure: MediaMeasure
    package var provider: String
    package var account: String
    package var receipt: Receipt
    /// False after the file has left.
    package var present: Bool
    /// The file's new path, if it was moved after its upload.
    package var movedTo: FilePath?
    /// The names of the file's sidecars, in byte order. After the file has left: those it had then.
    package var sidecars: [FilePath.Component]
    /// What may keep the provider from using the file, as of its upload.
    package var warnings: [MediaWarning]
    package var uploadedAt: Timestamp
    package var revision: Int64

    package init(
        folder: String?,
        kind: MediaKind,
        mimeType: MIMEType,
        bytes: Int64,
        sha256: SHA256Digest,
        measure: MediaMeasure = .unknown,
        provider: String,
        account: String,
        receipt: Receipt,
        present: Bool,
        movedTo: FilePath? = nil,
        sidecars: [FilePath.Component] = [],
        warnings: [MediaWarning] = [],
        uploadedAt: Timestamp,
        revision: Int64
    ) {
        self.folder = folder
        self.kind = kind
        self.mimeType = mimeType
        self.bytes = bytes
        self.sha256 = sha256
        self.measure = measure
        self.provider = provider
        self.account = account
        self.receipt = receipt
        self.present = present
        self.movedTo = movedTo
        self.sidecars = sidecars
        self.warnings = warnings
        self.uploadedAt = uploadedAt
        self.revision = revision
    }
}

/// The manifest's entry for a file that cannot go up as it is.
package struct ManifestRejection: Hashable, Sendable {
    package var folder: String?
    package var rejection: Rejection
    package var at: Timestamp
    package var revision: Int64

    package init(folder: String?, rejection: Rejection, at: Timestamp, revision: Int64) {
        self.folder = folder
        self.rejection = rejection
        self.at = at
        self.revision = revision
    }
}

/// One change of the manifest: a line of the journal.
package struct ManifestChange: Hashable, Sendable {
    /// The journal contains the raw values; scripts rely on them.
    package enum Event: String, Sendable, Codable, CaseIterable {
        case uploaded
        /// The entry's status changed, its folder's name, or one of its sidecars: perhaps only what is in it.
        case updated
        /// The entry moved here from ``ManifestChange/movedFrom``.
        case renamed
        /// The file left. If it was rejected, it is no longer shown.
        case removed
        case rejected
        /// The entry of a file that had left was removed.
        case forgotten
    }

    package let event: Event
    package let row: ManifestRow
    package let movedFrom: FilePath?

    package init(event: Event, row: ManifestRow, movedFrom: FilePath? = nil) {
        self.event = event
        self.row = row
        self.movedFrom = movedFrom
    }

    package var revision: Int64 { row.revision }
}
