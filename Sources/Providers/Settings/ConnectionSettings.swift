/// How an account's API and storage are reached: the settings that all providers share.
package struct ConnectionSettings: Hashable, Sendable {
    /// Absolute, with or without a slash at its end. The configuration decides whether plain `http` is allowed.
    package var baseURL: String
    /// Empty until the key is read.
    package var key: Secret
    /// `upload_hosts`: the only hosts that bytes may go to. Empty if not set.
    package var uploadHosts: [UploadHost]
    /// `ca_file`: authorities trusted beside the system's, for API and storage. Nil if not set.
    package var authorities: Authorities?
    package var timeouts: TransferTimeouts

    package init(
        baseURL: String,
        key: Secret = Secret(""),
        uploadHosts: [UploadHost] = [],
        authorities: Authorities? = nil,
        timeouts: TransferTimeouts = TransferTimeouts()
    ) {
        self.baseURL = baseURL
        self.key = key
        self.uploadHosts = uploadHosts
        self.authorities = authorities
        self.timeouts = timeouts
    }

    /// The rule for the hosts that this account's bytes may go to.
    var allowedHosts: UploadHosts { UploadHosts(baseURL: baseURL, listed: uploadHosts) }
}
