extension HookTrigger {
    /// What a change of the manifest is for hooks.
    ///
    /// An asset of status `unknown` counts as ready at once. Its provider never tells, so nobody could wait for more. A
    /// changed status is told where it is recorded, as a change `updated` may be another one.
    package static func of(_ event: ManifestChange.Event, _ content: ManifestRow.Content) -> [HookTrigger] {
        switch (event, content) {
        case (.uploaded, .entry(let entry)): isReady(entry.receipt.status) ? [.uploaded, .ready] : [.uploaded]
        case (.rejected, .rejected): [.rejected]
        default: []
        }
    }

    /// Whether a change adds to what a directory has.
    package static func addsToDirectory(_ event: ManifestChange.Event, _ content: ManifestRow.Content) -> Bool {
        guard case .entry(let entry) = content, entry.present else { return false }
        return event == .uploaded || event == .renamed
    }

    /// Whether an asset can be used, as far as anybody will tell.
    package static func isReady(_ status: AssetStatus) -> Bool { status == .ready || status == .unknown }
}
