/// The files of one account that are on their way, so that the same bytes never go up twice side by side.
///
/// A file whose size another one under way has too is hashed before it goes; it then waits for those before it whose
/// digest is the same or not known yet. Files wait only for earlier ones, so there is no circle.
actor Flights {
    typealias Number = Int

    private struct Flight {
        let size: Int64
        var digest: SHA256Digest?
    }

    private var flights: [Number: Flight] = [:]
    private var last: Number = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []

    /// Enters a file; tells whether another one of its size is under way.
    func enter(size: Int64) -> (number: Number, hasCompany: Bool) {
        let hasCompany = flights.values.contains { $0.size == size }
        last += 1
        flights[last] = Flight(size: size)
        return (last, hasCompany)
    }

    func publish(_ digest: SHA256Digest, of number: Number) {
        flights[number]?.digest = digest
        resumeAll()
    }

    /// Every flight that was entered must leave, or those behind it wait for good.
    func leave(_ number: Number) {
        flights[number] = nil
        resumeAll()
    }

    /// Returns once no earlier file of the same size can have the same bytes any more, or is through.
    func waitForEqual(to number: Number, digest: SHA256Digest) async {
        guard let size = flights[number]?.size else { return }
        while flights.contains(where: { other, flight in
            other < number && flight.size == size && (flight.digest == nil || flight.digest == digest)
        }) {
            await withCheckedContinuation { waiters.append($0) }
        }
    }

    private func resumeAll() {
        let resumed = waiters
        waiters = []
        for waiter in resumed { waiter.resume() }
    }
}
