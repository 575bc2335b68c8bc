import SystemPackage
import Watch

/// The manifest's two files, as a process left them at its end.
///
/// A file that has this version still is not written, or read, again at the next start.
package struct PublishedFiles: Hashable, Sendable, Codable {
    /// The version of Outtray that wrote them. Another one may write other fields.
    package var writer: String
    /// The bits of both files' permission.
    package var mode: UInt32
    package var snapshot: FileVersion
    /// The revision of both files.
    package var revision: Int64
    package var journal: FileVersion
    /// How many lines the journal has.
    package var lines: Int

    package init(
        writer: String,
        mode: UInt32,
        snapshot: FileVersion,
        revision: Int64,
        journal: FileVersion,
        lines: Int
    ) {
        self.writer = writer
        self.mode = mode
        self.snapshot = snapshot
        self.revision = revision
        self.journal = journal
        self.lines = lines
    }

    /// The files of a plan, with what is known of them, marked for the next start. Nil if one of them is not there, or
    /// cannot be marked. Blocks.
    init?(_ plan: ManifestPlan, revision: Int64, journal: Journal) {
        guard let path = try? plan.snapshot.followingLinks(), let snapshot = FileStatus.mark(path),
            let version = journal.mark()
        else { return nil }
        self.init(
            writer: plan.writer,
            mode: plan.mode.rawValue,
            snapshot: snapshot,
            revision: revision,
            journal: version,
            lines: journal.lines
        )
    }

    /// Whether this process would write the files in the same way.
    func isWritten(as plan: ManifestPlan) -> Bool {
        writer == plan.writer && mode == plan.mode.rawValue
    }

    /// The version of the snapshot's own file, links followed. Blocks.
    static func version(ofSnapshot plan: ManifestPlan) -> FileVersion? {
        (try? plan.snapshot.followingLinks()).flatMap(FileStatus.version(ofFile:))
    }
}
