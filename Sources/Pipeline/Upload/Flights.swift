import SystemPackage
import Threads

/// The files of one account that are on their way, so that the same bytes never go up twice side by side.
///
/// - A file whose size another one under way has too is hashed before it goes. It does not go while another one that was
///   there before it has the same digest, or none that is known yet.
/// - A file that was there first, and was not hashed, is read beside its upload once another one of its size comes.
/// - Whoever has waited for a second gives its slot back and is *parked*: it is not taken from the queue before it may go.
///   Only the first waits so long; whoever comes after it knows that it takes longer.
///
/// Files wait only for earlier ones, and those that are parked are nobody's obstacle, so there is no circle.
actor Flights {
    typealias Number = Int

    private struct Flight {
        let path: FilePath
        let size: Int64
        var digest: SHA256Digest?
        /// Rung when another file of its size comes while the digest is not known.
        let company = Doorbell()
        /// Whether somebody has waited for it in vain.
        var isSlow = false
    }

    /// A file that has given its slot back.
    private struct Parked {
        let size: Int64
        let digest: SHA256Digest
    }

    /// How long a slot is kept for a file that waits: a second is many times what it takes to read a photo or to upload one,
    /// and little beside a video.
    private let grace: Duration
    /// So many files of one size are held back one by one; then all of that size are, until one that they wait for ends.
    static let mostParked = 64

    private var flights: [Number: Flight] = [:]
    private var last: Number = 0
    private var waiters: [Doorbell] = []
    private var parked: [FilePath: Parked] = [:]
    /// Rung when files that are parked may be taken.
    private let bell: Doorbell

    init(bell: Doorbell, grace: Duration = .seconds(1)) {
        self.bell = bell
        self.grace = grace
    }

    /// Enters a file; tells whether another one of its size is under way.
    func enter(_ path: FilePath, size: Int64) -> (number: Number, hasCompany: Bool) {
        parked[path] = nil
        let others = flights.values.filter { $0.size == size }
        for other in others where other.digest == nil { other.company.ring() }
        last += 1
        flights[last] = Flight(path: path, size: size)
        return (last, !others.isEmpty)
    }

    /// Returns once another file of this one's size has come; false where its digest is not asked for any more.
    func waitForCompany(of number: Number) async -> Bool {
        guard let flight = flights[number] else { return false }
        await flight.company.wait()
        guard !Task.isCancelled, let now = flights[number] else { return false }
        return now.digest == nil
    }

    /// Tells which bytes a file has; false where it was told before that it has others: it has changed.
    @discardableResult
    func publish(_ digest: SHA256Digest, of number: Number) -> Bool {
        guard let flight = flights[number] else { return true }
        if let known = flight.digest { return known == digest }
        flights[number]?.digest = digest
        resumeAll()
        return true
    }

    /// Every flight that was entered must leave, or those behind it wait for good.
    func leave(_ number: Number) {
        guard flights.removeValue(forKey: number) != nil else { return }
        resumeAll()
    }

    /// Returns nil once no earlier file of the same size can have the same bytes any more, or is through. Otherwise the
    /// file is parked, and the result says what for, in words.
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

    /// The files that are not to be taken from the queue yet.
    var heldBack: HeldBack {
        guard !parked.isEmpty else { return .nothing }
        let ahead = Dictionary(grouping: flights.values, by: \.size)
        var files: Set<FilePath> = []
        var sizes: Set<Int64> = []
        for (path, file) in parked {
            let same = ahead[file.size] ?? []
            if same.contains(where: { $0.digest == nil }) {
                // Whatever other file has this size would have to wait, too.
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

    /// The earliest file that this one has to wait for.
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
