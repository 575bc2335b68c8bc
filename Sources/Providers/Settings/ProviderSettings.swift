/// The settings that an account's configuration gives to its provider.
package struct ProviderSettings: Hashable, Sendable {
    /// Absolute, with or without a slash at its end. The configuration decides whether plain `http` is allowed.
    package var baseURL: String
    package var key: Secret
    /// ConnectSafely's `accountId`: one of the LinkedIn accounts behind the key.
    package var accountID: String?
    /// ConnectSafely's `companyUrn`, for company pages: `urn:li:fsd_company:105672170`.
    package var companyURN: String?
    /// Postbreeze's `workspaceId`.
    package var workspaceID: String?
    /// Postbreeze's `folderId`: the library folder for new assets.
    package var folderID: String?
    /// `upload_hosts`: the only hosts that bytes may go to. Empty if not set.
    package var uploadHosts: [UploadHost]
    /// `ca_file`: authorities trusted beside the system's, for API and storage. Nil if not set.
    package var authorities: Authorities?
    package var timeouts: TransferTimeouts

    package init(
        baseURL: String,
        key: Secret,
        accountID: String? = nil,
        companyURN: String? = nil,
        workspaceID: String? = nil,
        folderID: String? = nil,
        uploadHosts: [UploadHost] = [],
        authorities: Authorities? = nil,
        timeouts: TransferTimeouts = TransferTimeouts()
    ) {
        self.baseURL = baseURL
        self.key = key
        self.accountID = accountID
        self.companyURN = companyURN
        self.workspaceID = workspaceID
        self.folderID = folderID
        self.uploadHosts = uploadHosts
        self.authorities = authorities
        self.timeouts = timeouts
    }

    /// The rule for the hosts that this account's bytes may go to.
    var allowedHosts: UploadHosts { UploadHosts(baseURL: baseURL, listed: uploadHosts) }
}
