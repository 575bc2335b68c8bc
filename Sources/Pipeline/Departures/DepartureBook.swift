import SystemPackage

/// The departures that are to be carried out: each is recorded in the commit of its upload, and stays until it has ended.
///
/// The contract that the ledger fulfils: when a call returns, what it wrote is on disk. A departure is not due while the
/// provider is still processing its asset.
package protocol DepartureBook: Sendable {
    /// The folder's departures that are due, those that were never tried first, oldest first.
    func departures(of folder: String, dueBy time: Timestamp, limit: Int) async throws -> [Departure]

    /// Departures of folders that are not among these, behind the one of this number, oldest first.
    func departures(exceptFolders folders: [String], after id: Int64, limit: Int) async throws -> [Departure]

    /// When the folder's next departure is due after `time`; nil where none is.
    func nextDeparture(of folder: String, after time: Timestamp) async throws -> Timestamp?

    /// All departures are due at once, as if they had not been tried: a start, or a changed configuration.
    func openDepartures() async throws

    /// Records where the file goes, before it goes there.
    func recordAim(_ path: FilePath, of departure: Departure) async throws

    /// The file has left: the departure has ended, the path is gone and its entry not present, in one commit. The entry says
    /// where the file is now, where it was moved. A newer file at the path keeps its state.
    func finish(_ departure: Departure, movedTo: FilePath?) async throws

    /// The file stays: the departure has ended.
    func drop(_ departure: Departure) async throws

    /// The departure is tried again when it is due; `failed` counts one try.
    func postpone(_ departure: Departure, reason: String, due: Timestamp, failed: Bool) async throws

    /// Whether a departure of these folders is due that was not tried yet; or waits for a look at its asset that is due at
    /// one of these accounts.
    func hasDueDepartures(of folders: [String], accounts: [String], at time: Timestamp) async throws -> Bool

    /// What keeps files from leaving: departures that failed at least once and are to be tried again, oldest first.
    func failedDepartures(limit: Int) async throws -> StayingFiles
}

/// Files that are to leave their folders and could not.
package struct StayingFiles: Hashable, Sendable {
    package static let none = StayingFiles(count: 0, first: [])

    package let count: Int
    /// The first of them, with the reasons.
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
