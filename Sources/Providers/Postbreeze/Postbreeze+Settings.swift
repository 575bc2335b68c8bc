import Pipeline

extension Postbreeze {
    /// The settings of one Postbreeze account.
    struct Settings: ProviderSettings {
        var connection: ConnectionSettings
        /// Postbreeze's `workspaceId`.
        var workspaceID: String?
        /// Postbreeze's `folderId`: the library folder for new assets.
        var folderID: String?

        init(_ connection: ConnectionSettings, from keys: inout some ProviderKeys) {
            self.connection = connection
            workspaceID = keys.text("workspace_id")
            folderID = keys.text("folder_id")
        }

        static var traits: ProviderTraits { Postbreeze.traits }

        var targets: [String: String] { ["workspace_id": workspaceID].compactMapValues(\.self) }

        /// Answers name the owner of a key.
        var proof: AccountIdentity.Proof { .owner }

        func provider(over transfer: Transfer) -> any Provider { Postbreeze(self, transfer: transfer) }
    }
}
