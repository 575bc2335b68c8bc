/// What a lane tells the other stages.
struct LaneHooks: Sendable {
    /// The ledger has changes that the manifest's files lack.
    let manifestChanged: @Sendable () -> Void
    /// An asset was uploaded that its provider is still processing.
    let processing: @Sendable () -> Void
    /// A file is up and recorded, and so is its departure.
    let uploaded: @Sendable (MediaFile) -> Void
    /// A file changed after it had settled.
    let changed: @Sendable (MediaFile) async -> Void
}
