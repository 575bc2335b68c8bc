/// The keys of one account's configuration, for the settings of its provider.
package protocol ProviderKeys {
    /// The text of a key. Nil if the key is not given or its value is no text of one line; the latter is reported.
    mutating func text(_ name: String) -> String?
}
