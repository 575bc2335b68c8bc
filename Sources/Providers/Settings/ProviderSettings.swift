/// What the configuration of one account gives to its provider.
package struct ProviderSettings: Hashable, Sendable {
    /// Absolute, with or without a slash at its end; whether it may be plain `http` is the configuration's to say.
    package var baseURL: String
    package var key: Secret
    /// ConnectSafely's `accountId`: which LinkedIn account, where a key has several.
    package var accountID: String?
    /// ConnectSafely's `companyUrn`, for company pages: `urn:li:fsd_company:105672170`.
    package var companyURN: String?
    /// Postbreeze's `workspaceId`.
    package var workspaceID: String?
    /// Postbreeze's `folderId`: where in its library an asset lands.
    package var folderID: String?
    /// `upload_hosts`: the only hosts that bytes may go to; none where nothing is said.
    package var uploadHosts: [UploadHost]
    /// `ca_file`: authorities that are trusted beside the system's, for API and storage; nil where nothing is said.
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

    /// Where this account's bytes may go.
    var allowedHosts: UploadHosts { UploadHosts(baseURL: baseURL, listed: uploadHosts) }
}
