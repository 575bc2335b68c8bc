import Pipeline

extension ConnectSafely {
    /// The settings of one ConnectSafely account.
    struct Settings: ProviderSettings {
        var connection: ConnectionSettings
        /// ConnectSafely's `accountId`: one of the LinkedIn accounts behind the key.
        var accountID: String?
        /// ConnectSafely's `companyUrn`, for company pages: `urn:li:fsd_company:105672170`.
        var companyURN: String?

        init(_ connection: ConnectionSettings, from keys: inout some ProviderKeys) {
            self.connection = connection
            accountID = keys.text("account_id")
            companyURN = keys.text("company_urn")
        }

        static var traits: ProviderTraits { ConnectSafely.traits }

        var targets: [String: String] {
            ["account_id": accountID, "company_urn": companyURN].compactMapValues(\.self)
        }

        /// Answers do not name the owner of a key, but `account_id` is the LinkedIn account.
        var proof: AccountIdentity.Proof { accountID == nil ? .key : .target }

        func provider(over transfer: Transfer) -> any Provider { ConnectSafely(self, transfer: transfer) }
    }
}
