import Threads

/// How far one try at a file has come, for those who ask while it runs.
final class TryProgress<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// What a try does now.
    enum Phase: Sendable, Equatable {
        /// It opens and reads the file, or waits for a pace or another file. No request is under way.
        case preparing
        /// A call asks where the bytes go. It creates an asset.
        case asking
        /// Bytes go to the storage: `sent` of `bytes` since `begun`. As many as `out` are on their way beside those.
        case sending(sent: Int64, of: Int64, begun: Instant, out: Int64 = Int64(FileReader.chunkLength))
        /// All is at the storage. It is checked, told to the provider and recorded.
        case finishing
    }

    private let state = Mutex(Phase.preparing)

    var phase: Phase { state.withLock { $0 } }

    func enter(_ phase: Phase) {
        state.withLock { $0 = phase }
    }

    /// The same bytes. Counts each chunk once it has gone. A reader that asks for more has sent the last chunk.
    func counting(_ body: ByteStream) -> ByteStream {
        let last = Mutex(0)
        return ByteStream(length: body.length, isReady: body.isReady) { [self] in
            count(last.withLock { $0 })
            var iterator = body.makeAsyncIterator()
            let chunk = try await iterator.next()
            last.withLock { $0 = chunk?.count ?? 0 }
            if let chunk { noteOut(chunk.count) }
            return chunk
        }
    }

    private func count(_ bytes: Int) {
        state.withLock { phase in
            guard case .sending(let sent, let all, let begun, let out) = phase else { return }
            phase = .sending(sent: sent + Int64(bytes), of: all, begun: begun, out: out)
        }
    }

    private func noteOut(_ bytes: Int) {
        state.withLock { phase in
            guard case .sending(let sent, let all, let begun, _) = phase else { return }
            phase = .sending(sent: sent, of: all, begun: begun, out: Int64(bytes))
        }
    }
}

/// Which tries may still finish when the process is about to end.
///
/// A value, so that the rule is tested by calling it. ``AccountLane`` asks it again and again until the end.
enum LastTries {
    /// How long a try may send before its speed counts. The first bytes only fill buffers.
    static let measuring = Duration.seconds(1)

    /// Whether a try in this phase may go on, with so much time left.
    ///
    /// A call that asks or finishes may. Broken off, it could leave an asset that nobody knows, or an upload without a
    /// record. Bytes may go on if, at the speed so far, they fit into the time. What only prepares may not.
    ///
    /// A chunk counts when it has gone. So the first one may be nearly gone: the rest has to fit at that speed, and the
    /// time so far must be no longer than what is left.
    static func mayFinish<Instant: InstantProtocol>(
        _ phase: TryProgress<Instant>.Phase,
        within rest: Duration,
        at now: Instant
    ) -> Bool where Instant.Duration == Duration {
        guard rest > .zero else { return false }
        switch phase {
        case .preparing: return false
        case .asking, .finishing: return true
        case .sending(let sent, let all, let begun, let out):
            let took = begun.duration(to: now)
            if sent >= all || took < measuring { return true }
            let counted = max(sent, min(all, max(1, out)))
            if sent == 0, took > rest { return false }
            return took * (Double(all - counted) / Double(counted)) <= rest
        }
    }
}
