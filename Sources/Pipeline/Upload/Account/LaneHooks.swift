/// The questions and reports of a lane to the other stages.
struct LaneHooks: Sendable {
    /// Why the present configuration keeps a file from going up; nil if it may go. Asked when the file's turn comes.
    let dismissal: @Sendable (MediaFile) -> Dismissal?
    /// The ledger has changes that the manifest's files lack.
    let manifestChanged: @Sendable () -> Void
    /// An asset was uploaded, and its provider is still processing it.
    let processing: @Sendable () -> Void
    /// A file is up, or its bytes were known. That is recorded, and so is its departure, if it has one.
    let uploaded: @Sendable (MediaFile) -> Void
    /// A file changed after it had settled.
    let changed: @Sendable (MediaFile) async -> Void
}
