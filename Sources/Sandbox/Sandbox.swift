import FoundationEssentials
import Logging
import ServiceLifecycle

/// Both providers' APIs and the storage beneath them, on three local ports, as strict as the real ones.
///
/// 1. A client asks an API for an upload: ``PostbreezeAPI`` or ``ConnectSafelyAPI``. ``APIHandler`` before them has the
///    parts they share: bearer check, rate limits, weather, books.
/// 2. The API puts an asset on the ``Shelf`` and hands out URLs that ``URLSigner`` has signed.
/// 3. The client PUTs the bytes. ``StorageHandler`` checks them by the rules of a ``StorageDialect``, and streams them
///    to the ``Disk``.
/// 4. The client makes a post of assets that are whole and processed.
/// 5. Everything that happens is entered in the ``SandboxBooks``.
package final class Sandbox: Service {
    /// What was asked and what arrived.
    package let books: SandboxBooks
    private let configuration: SandboxConfiguration
    private let shelf = Shelf()
    private let board: AddressBoard
    private let station: WeatherStation
    private let now: @Sendable () -> Date
    private let logger: Logger

    /// Makes a sandbox that does nothing until it is run.
    ///
    /// - Parameters:
    ///   - logger: gets one line a request at `info`. Keys and the queries of URLs are never logged.
    ///   - now: the wall time, for signatures, rate limits and the books.
    package init(
        _ configuration: SandboxConfiguration,
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.configuration = configuration
        self.logger = logger
        self.now = now
        books = SandboxBooks()
        board = AddressBoard(host: configuration.host)
        station = WeatherStation(configuration.weather)
    }

    /// Serves until graceful shutdown or cancellation. Can be run once. Throws ``SandboxError`` if a port is taken or
    /// the directory cannot be written.
    package func run() async throws {
        do {
            try await serve()
            board.failed(SandboxError(kind: .stopped, reason: "the sandbox has stopped"))
        } catch {
            board.failed(error)
            throw error
        }
    }

    /// Waits until all three ports are bound. Throws the error that kept the sandbox from starting, or
    /// `CancellationError`.
    package func addresses() async throws -> SandboxAddresses {
        try await board.addresses()
    }

    /// The weather. Setting it starts the counting of calls and PUTs anew.
    package var weather: Weather {
        get { station.weather }
        set { station.change(to: newValue) }
    }

    /// Adds answers behind those that are prepared already. Unlike a change of the weather, this goes on counting. It
    /// also loses no answer that is taken at the same time.
    package func prepare(_ answers: [PreparedAnswer]) {
        station.prepare(answers)
    }

    /// Removes an asset, as its owner does at the provider. Returns whether it was there. The books keep it.
    @discardableResult
    package func remove(asset id: String) -> Bool { shelf.remove(id) }

    private func serve() async throws {
        let state = SandboxState(
            configuration: configuration,
            shelf: shelf,
            books: books,
            station: station,
            disk: try Disk(directory: configuration.directory),
            board: board,
            now: now,
            logger: logger
        )
        let postbreeze = APIHandler(PostbreezeAPI(state: state), state: state)
        let connectSafely = APIHandler(ConnectSafelyAPI(state: state), state: state)
        let listeners = [
            listener(.storage, port: configuration.storagePort, handler: StorageHandler(state: state)),
            listener(.postbreeze, port: configuration.postbreezePort, handler: postbreeze),
            listener(.connectSafely, port: configuration.connectSafelyPort, handler: connectSafely),
        ]
        try await ServiceGroup(configuration: .init(services: listeners, logger: quiet)).run()
    }

    private func listener(_ listener: SandboxListener, port: Int, handler: any RequestHandler) -> Listener {
        Listener(
            listener: listener,
            host: configuration.host,
            port: port,
            handler: handler,
            board: board,
            logger: quiet
        )
    }

    /// The libraries' own lines say nothing that an error or the books do not say.
    private var quiet: Logger {
        var quiet = logger
        quiet.logLevel = .critical
        return quiet
    }
}
