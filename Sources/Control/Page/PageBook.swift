import FoundationEssentials
import Pipeline
import SystemPackage

/// What a restart must not forget of those who are logged in: a file beside the ledger, which its owner alone can read.
struct PageBook: Sendable, Equatable, Codable {
    /// The cookie's name. Cookies are shared by all ports of a host, so each service needs a name of its own.
    var cookie = "outtray-" + PageSecret.digits(bytes: 4)
    var sessions: [PageSession] = []

    /// The book in a file. A new one if there is none, or none that can be read: all have to log in again then. Blocks.
    static func read(_ file: FilePath) -> PageBook {
        guard let bytes = try? RegularFile.content(of: file, most: 1 << 20) else { return PageBook() }
        return (try? JSONDecoder().decode(PageBook.self, from: Data(bytes))) ?? PageBook()
    }

    /// Replaces the file. Blocks; not for two tasks at once.
    func write(_ file: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let text = String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        let place = try AtomicFile(file, mode: .ownerReadWrite)
        defer { place.discard() }
        try place.write(text)
        try place.commit()
    }
}
