/// What a lane asks of the other stages, and tells them.
struct LaneHooks: Sendable {
    /// Why a file whose turn has come may not go up by the present configuration; nil where it may.
    let dismissal: @Sendable (MediaFile) -> Dismissal?
    /// The ledger has changes that the manifest's files lack.
    let manifestChanged: @Sendable () -> Void
    /// An asset was uploaded that its provider is still processing.
    let processing: @Sendable () -> Void
    /// A file is up and recorded, and so is its departure.
    let uploaded: @Sendable (MediaFile) -> Void
    /// A file changed after it had settled.
    let changed: @Sendable (MediaFile) async -> Void
}
