import Foundation
import Sandbox
import Testing

/// One row of the fault table: what a server answers, and what must come of it.
///
/// Each row has an account, a key and a folder of its own, so that all of them go through one daemon side by side.
struct Fault: Sendable, CustomTestStringConvertible {
    enum Provider: String, Sendable {
        case postbreeze, connectsafely
    }

    enum File: Sendable {
        case document, image
        /// Of three parts, where the provider wants parts.
        case video
    }

    /// What an answer may name.
    struct Scene: Sendable {
        let addresses: SandboxAddresses
        /// A whole second, some seconds after the file was written.
        let moment: Date
    }

    /// How it ends for the file.
    enum End: Sendable {
        /// It goes up after so many waits for another try.
        case uploaded(waits: Int)
        /// It is rejected, and the manifest has these words.
        case rejected([String])
        /// It keeps its place, and all files of the account wait for this cause.
        case blocked(String)
        /// It is tried again and again; the row's counts are those of the first try.
        case waitsForEver
    }

    let testDescription: String
    let provider: Provider
    var file = File.document
    /// Made when the file is written; they count for the row's key alone.
    let answers: @Sendable (Scene) -> [PreparedAnswer]
    let end: End
    var asks: Int
    var puts: Int
    /// So many more PUTs may be under way beside one that is refused.
    var besides = 0
    /// Calls that say that all parts are there.
    var finishes = 0
    /// No request follows the refused one sooner.
    var pause = Duration.zero
    /// None follows before the scene's moment.
    var awaitsMoment = false
    /// What else must hold of the entry.
    var entry: @Sendable (Manifest.Entry) -> Bool = { _ in true }

    /// The route that asks for an upload.
    var ask: String { provider == .postbreeze ? Self.presign : Self.start }

    static let presign = "POST /media/presign"
    static let start = "POST /posts/upload/init"
    static let complete = "POST /posts/upload/complete"
    static let documentStatus = "GET /posts/upload/document-status"

    init(
        _ name: String,
        _ provider: Provider,
        _ file: File = .document,
        _ end: End,
        asks: Int,
        puts: Int,
        besides: Int = 0,
        finishes: Int = 0,
        pause: Duration = .zero,
        awaitsMoment: Bool = false,
        entry: @escaping @Sendable (Manifest.Entry) -> Bool = { _ in true },
        answers: @escaping @Sendable (Scene) -> [PreparedAnswer]
    ) {
        testDescription = "\(provider.rawValue): \(name)"
        self.provider = provider
        self.file = file
        self.answers = answers
        self.end = end
        self.asks = asks
        self.puts = puts
        self.besides = besides
        self.finishes = finishes
        self.pause = pause
        self.awaitsMoment = awaitsMoment
        self.entry = entry
    }

    /// The rows whose account is blocked for long come last: whatever they do too much is then seen.
    static let table =
        storage + linkedInStorage + refusals + trouble + shapes + throttles + odd + blocked + strangers
        + strangeStorages
}

extension PreparedAnswer.Form {
    /// An error of an S3 compatible storage.
    static func xml(_ status: Int, _ code: String, _ message: String) -> Self {
        let body =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>\(code)</Code><Message>\(message)</Message>"
            + "<RequestId>r2-4711</RequestId></Error>"
        return .given(status: status, headers: ["content-type": "application/xml"], body: Array(body.utf8))
    }

    static func json(_ status: Int, _ text: String, headers: [String: String] = [:]) -> Self {
        let headers = headers.merging(["content-type": "application/json"]) { given, _ in given }
        return .given(status: status, headers: headers, body: Array(text.utf8))
    }

    static func text(_ status: Int, _ text: String, type: String = "text/plain") -> Self {
        .given(status: status, headers: ["content-type": type], body: Array(text.utf8))
    }
}
