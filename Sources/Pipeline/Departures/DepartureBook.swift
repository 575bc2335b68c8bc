import SystemPackage

/// The departures that are not carried out yet. Each is recorded in the commit of its upload, and stays until it has
/// ended.
///
/// The contract that the ledger fulfils: a call returns after its changes are on disk. A departure is not due while the
/// provider is still processing its asset.
package protocol DepartureBook: Sendable {
    /// The folder's due departures, oldest first. Those that were never tried come before all others.
    func departures(of folder: String, dueBy time: Timestamp, limit: Int) async throws -> [Departure]

    /// Departures of all folders but these, with numbers after `id`, oldest first.
    func departures(exceptFolders folders: [String], after id: Int64, limit: Int) async throws -> [Departure]

    /// When the folder's next departure is due after `time`; nil if there is none.
    func nextDeparture(of folder: String, after time: Timestamp) async throws -> Timestamp?

    /// Makes all departures due at once, as if they had not been tried. Called at a start and after a changed
    /// configuration.
    func openDepartures() async throws

    /// The departure as it is now, with the account that its folder has now; nil if it has ended.
    func departure(_ id: Int64) async throws -> Departure?

    /// Records the new path of the file before it goes there.
    func recordAim(_ path: FilePath, of departure: Departure) async throws

    /// Records that the file has left. In one commit, the departure ends, the path is gone, and its entry is not
    /// present. The entry names the file's new path, if it was moved. A newer file at the path keeps its state.
    func finish(_ departure: Departure, movedTo: FilePath?) async throws

    /// Ends the departure: the file stays.
    func drop(_ departure: Departure) async throws

    /// Puts the departure off until `due`; `failed` counts one try.
    func postpone(_ departure: Departure, reason: String, due: Timestamp, failed: Bool) async throws

    /// Whether one of these folders has a due departure that was not tried yet. Also true if a departure waits for its
    /// asset, and a look at that asset is due at one of these accounts.
    func hasDueDepartures(of folders: [String], accounts: [String], at time: Timestamp) async throws -> Bool

    /// Departures that failed at least once and are to be tried again, oldest first: at most `limit`, and the number of
    /// all.
    func failedDepartures(limit: Int) async throws -> StayingFiles
}

/// Files that are to leave their folders and could not.
package struct StayingFiles: Hashable, Sendable {
    package static let none = StayingFiles(count: 0, first: [])

    package let count: Int
    /// The oldest of them, with the reasons.
    package let first: [StayingFile]

    package init(count: Int, first: [StayingFile]) {
        self.count = count
        self.first = first
    }
}

/// A file that is to leave its folder and could not.
package struct StayingFile: Hashable, Sendable {
    package let path: FilePath
    package let reason: String

    package init(path: FilePath, reason: String) {
        self.path = path
        self.reason = reason
    }
}
