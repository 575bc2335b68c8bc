import FoundationEssentials
import Logging

/// The values that the three handlers share.
struct SandboxState: Sendable {
    let configuration: SandboxConfiguration
    let shelf: Shelf
    let books: SandboxBooks
    let station: WeatherStation
    let signer = URLSigner()
    let disk: Disk
    let board: AddressBoard
    /// Wall time, for signatures, windows and the books.
    let now: @Sendable () -> Date
    let logger: Logger

    /// The storage's origin under the host name that a client used. URLs then work from other machines too.
    func storageOrigin(for request: IncomingRequest) async -> String {
        guard let addresses = try? await board.addresses() else { return "" }
        return request.host.map { "http://\($0):\(addresses.storagePort)" } ?? addresses.storage
    }

    /// The host name that goes into a signature, for a URL of ``storageOrigin(for:)``.
    func signedHost(of origin: String) -> String {
        IncomingRequest.withoutPort(String(origin.dropFirst("http://".count)))
    }

    /// The life of a URL that is handed out now, in whole seconds.
    var urlLifetime: Int64 {
        Int64((station.weather.urlLifetime ?? configuration.urlLifetime).inSeconds.rounded())
    }

    /// Whether a key may see an asset: both belong to one owner.
    func isOwn(_ asset: StoredAsset, _ key: String) -> Bool {
        asset.key == key || configuration.owner(of: asset.key) == configuration.owner(of: key)
    }

    /// The file of a stored part, until the asset is completed.
    func partPath(_ id: String, part: Int) -> String {
        disk.path("incoming/\(id.split(separator: ":").last ?? "").part-\(part)")
    }

    /// Logs one line for each request.
    ///
    /// - Parameter status: nil if the connection was reset in place of the answer.
    func logAnswer(_ provider: SandboxPage.Provider, request: String, status: Int?) {
        logger.info(
            "request answered",
            metadata: [
                "provider": "\(provider)", "request": "\(request)", "status": "\(status.map(String.init) ?? "reset")",
            ]
        )
    }

    /// Logs why the disk failed. The client hears only of an internal error.
    func logDiskFailure(_ error: any Error) {
        logger.warning("cannot write to the directory", metadata: ["error": "\(error)"])
    }

    /// Puts a new asset on the shelf and in the books.
    func place(_ asset: StoredAsset, address: String) {
        shelf.put(asset)
        books.note(
            SandboxPage.Asset(
                at: asset.askedAt,
                provider: asset.provider,
                id: asset.id,
                name: asset.name,
                type: asset.type,
                kind: asset.kind,
                declaredBytes: asset.declaredBytes,
                key: asset.key,
                folderId: asset.folderId,
                parts: asset.parts.isEmpty ? nil : asset.parts.count,
                address: address
            )
        )
    }

    /// Notes that all bytes of an asset are in their place on disk.
    func arrived(_ id: String, fileName: String, bytes: Int64, sha256: String) {
        let file = disk.path(fileName)
        let arrival = StoredAsset.Arrival(at: now(), bytes: bytes, file: file)
        shelf.update(id) { $0.arrival = arrival }
        books.noteComplete(asset: id, file: file, bytes: bytes, sha256: sha256)
    }
}
