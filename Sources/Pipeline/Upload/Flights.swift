import SystemPackage
import Threads

/// The flights of one account. They keep the same bytes from going up twice side by side.
///
/// - A file is hashed before it goes if another file of its size is under way. It then waits for earlier files of that
///   size with the same digest or an unknown one.
/// - An earlier file that was not hashed is read beside its upload as soon as another file of its size comes.
/// - A file that has waited for a second gives its slot back and is *parked*. It stays in the queue until it may go.
/// - Only the first file waits for the full second. Later ones then know that the flight ahead is slow.
///
/// No circle can form. Files wait only for earlier files, and nobody waits for a parked file.
actor Flights {
    typealias Number = Int

    /// A file that was entered.
    struct Entry {
        let number: Number
        /// Whether another file of its size is under way, or was when this file was claimed.
        let hasCompany: Bool
    }

    private struct Flight {
        let path: FilePath
        let size: Int64
        var digest: SHA256Digest?
        /// Rings when another file of its size comes while the digest is unknown.
        let company = Doorbell()
        /// Whether a file has waited for this flight in vain.
        var isSlow = false
    }

    /// A file that has given its slot back.
    private struct Parked {
        let size: Int64
        let digest: SHA256Digest
    }

    /// How long a waiting file keeps its slot. A second is many times the time to read or upload a photo. Beside a
    /// video it is little.
    private let grace: Duration
    /// This many parked files of one size hold back the whole size, until a flight ahead of them ends. Fewer are held
    /// back one by one.
    static let mostParked = 64

    private var flights: [Number: Flight] = [:]
    private var last: Number = 0
    private var waiters: [Doorbell] = []
    private var parked: [FilePath: Parked] = [:]
    /// The sizes of the flights that ended since ``beginClaim()``. Files that are being claimed may not know of their
    /// assets.
    private var ended: Set<Int64> = []
    /// Rings when parked files may be taken.
    private let bell: Doorbell

    init(bell: Doorbell, grace: Duration = .seconds(1)) {
        self.bell = bell
        self.grace = grace
    }

    /// Begins a claim. Returns the files that must not be taken from the queue yet.
    ///
    /// ``enter(_:)`` of the claimed files comes before the next claim.
    func beginClaim() -> HeldBack {
        ended = []
        return heldBack
    }

    /// Enters files, in this order.
    func enter(_ files: [MediaFile]) -> [Entry] {
        files.map { enter($0.path, size: $0.size) }
    }

    func enter(_ path: FilePath, size: Int64) -> Entry {
        parked[path] = nil
        var hasCompany = ended.contains(size)
        for other in flights.values where other.size == size {
            hasCompany = true
            if other.digest == nil { other.company.ring() }
        }
        last += 1
        flights[last] = Flight(path: path, size: size)
        return Entry(number: last, hasCompany: hasCompany)
    }

    /// Returns when another file of this size has come. The result is false if the digest is no longer needed.
    func waitForCompany(of number: Number) async -> Bool {
        guard let flight = flights[number] else { return false }
        await flight.company.wait()
        guard !Task.isCancelled, let now = flights[number] else { return false }
        return now.digest == nil
    }

    /// Notes the digest of a file's bytes. Returns false if another digest was noted before: the file has changed.
    @discardableResult
    func publish(_ digest: SHA256Digest, of number: Number) -> Bool {
        guard let flight = flights[number] else { return true }
        if let known = flight.digest { return known == digest }
        flights[number]?.digest = digest
        resumeAll()
        return true
    }

    /// Ends a flight. Every flight that was entered must leave, or the files behind it wait for good.
    func leave(_ number: Number) {
        guard let flight = flights.removeValue(forKey: number) else { return }
        ended.insert(flight.size)
        resumeAll()
    }

    /// Waits for all earlier files of the same size that may have the same bytes. Returns nil when none is left.
    ///
    /// After the grace time the file is parked instead, and the result says in words what it waits for.
    ///
    /// - Throws: `CancellationError`.
    func waitForTurn(
        of number: Number,
        digest: SHA256Digest,
        clock: some Clock<Duration>
    ) async throws -> String? {
        guard let own = flights[number] else { return nil }
        let end = clock.now.advanced(by: grace)
        while let (other, flight) = obstacle(for: number, size: own.size, digest) {
            try Task.checkCancellation()
            guard !flight.isSlow, clock.now < end else {
                flights[other]?.isSlow = true
                parked[own.path] = Parked(size: own.size, digest: digest)
                return flight.digest == nil
                    ? "another file of its size is on its way, and it is not known yet whether it has the same bytes"
                    : "another file with the same bytes is on its way"
            }
            let waiter = Doorbell()
            waiters.append(waiter)
            await waiter.wait(until: end, clock: clock)
        }
        return nil
    }

    /// The files that must not be taken from the queue yet.
    var heldBack: HeldBack {
        guard !parked.isEmpty else { return .nothing }
        let ahead = Dictionary(grouping: flights.values, by: \.size)
        var files: Set<FilePath> = []
        var sizes: Set<Int64> = []
        for (path, file) in parked {
            let same = ahead[file.size] ?? []
            if same.contains(where: { $0.digest == nil }) {
                // Any other file of this size would have to wait, too.
                sizes.insert(file.size)
            } else if same.contains(where: { $0.digest == file.digest }) {
                files.insert(path)
            } else {
                parked[path] = nil
            }
        }
        let counts = Dictionary(parked.values.map { ($0.size, 1) }, uniquingKeysWith: +)
        sizes.formUnion(counts.filter { $0.value >= Self.mostParked }.keys)
        return HeldBack(roots: [], files: files, sizes: sizes)
    }

    /// The earliest flight that this file has to wait for.
    private func obstacle(
        for number: Number,
        size: Int64,
        _ digest: SHA256Digest
    ) -> (number: Number, flight: Flight)? {
        let others = flights.filter { other, flight in
            other < number && flight.size == size && (flight.digest == nil || flight.digest == digest)
        }
        return others.min { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func resumeAll() {
        let resumed = waiters
        waiters = []
        for waiter in resumed { waiter.ring() }
        if !parked.isEmpty { bell.ring() }
    }
}
