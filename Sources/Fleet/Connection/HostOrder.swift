/// The order in which the servers of a connection are tried, where the settings name several.
///
/// libpq goes on to the next server by itself when one refuses, or takes no writes. But it waits for a silent one until
/// the time for the whole attempt is over. So the next attempt begins with another one.
struct HostOrder {
    /// The settings that are lists with an element for each server.
    private static let lists = ["host", "hostaddr", "port"]

    /// What takes the place of the settings' own lists.
    private(set) var options: [String: String] = [:]

    /// The attempt with these settings found a silent server. The next one begins with the second server.
    mutating func passOver(_ settings: [String: String]) {
        for keyword in Self.lists {
            guard let list = settings[keyword]?.split(separator: ",", omittingEmptySubsequences: false),
                let first = list.first, list.count > 1
            else { continue }
            options[keyword] = (list.dropFirst() + [first]).joined(separator: ",")
        }
    }
}
