import Pipeline
import Threads

/// A provider that answers as a test tells it to, and records every step.
///
/// Each step takes the next answer of its script. When the script is used up, the step answers as if all goes well. An
/// error that a script throws is a ``ProviderError``; any other becomes one.
package final class ScriptedProvider: Provider {
    package typealias Asking = @Sendable (MediaFile) async throws -> Ticket
    package typealias Sending = @Sendable (Piece, [UInt8]) async throws -> PieceAnswer
    package typealias Finishing = @Sendable (Ticket) async throws -> Receipt
    package typealias Telling = @Sendable (Receipt) async throws -> AssetStatus
    package typealias Looking = @Sendable (Receipt) async throws -> AssetPresence

    package struct Script: Sendable {
        package var asks: [Asking] = []
        package var sends: [Sending] = []
        package var finishes: [Finishing] = []
        package var statuses: [Telling] = []
        package var presences: [Looking] = []
    }

    /// The steps so far, in order within each list.
    package struct Record: Sendable {
        package var asked: [MediaFile] = []
        package var sent: [(piece: Piece, bytes: [UInt8])] = []
        package var finished: [[PieceAnswer]] = []
        package var looks: [Receipt] = []
        package var presences: [Receipt] = []
        /// The most steps that were under way at one time.
        package var mostAtATime = 0
        fileprivate var underWay = 0
    }

    package let name = "scripted"
    private let pieceLength: Int64?
    private let lifetime: Int64?
    private let needsFinish: Bool
    private let state: Mutex<(script: Script, record: Record)>

    /// `pieceLength` is in bytes; nil means one piece. `needsFinish` gives tickets a completion, so that *finish* is a
    /// request. `lifetime` is in seconds.
    package init(pieceLength: Int64? = nil, needsFinish: Bool = false, lifetime: Int64? = nil) {
        self.pieceLength = pieceLength
        self.needsFinish = needsFinish
        self.lifetime = lifetime
        state = Mutex((Script(), Record()))
    }

    package var record: Record { state.withLock { $0.record } }

    package func script(_ change: @Sendable (inout Script) -> Void) {
        state.withLock { change(&$0.script) }
    }

    package func ask(for file: MediaFile) async throws(ProviderError) -> Ticket {
        let next: Asking? = begin { state in
            state.record.asked.append(file)
            return state.script.asks.isEmpty ? nil : state.script.asks.removeFirst()
        }
        defer { end() }
        return if let next { try await Self.mapped { try await next(file) } } else { ticket(for: file) }
    }

    package func send(_ piece: Piece, of file: MediaFile, body: ByteStream) async throws(ProviderError) -> PieceAnswer {
        let next: Sending? = begin { $0.script.sends.isEmpty ? nil : $0.script.sends.removeFirst() }
        defer { end() }
        var bytes: [UInt8] = []
        do {
            for try await chunk in body { bytes += chunk.bytes }
        } catch {
            throw ProviderError(.interruptedBody, "the body could not be read: \(error)")
        }
        let all = bytes
        state.withLock { $0.record.sent.append((piece, all)) }
        return if let next { try await Self.mapped { try await next(piece, all) } } else { Self.answer(to: piece) }
    }

    package func finish(_ ticket: Ticket, answers: [PieceAnswer]) async throws(ProviderError) -> Receipt {
        let next: Finishing? = begin { state in
            state.record.finished.append(answers)
            return state.script.finishes.isEmpty ? nil : state.script.finishes.removeFirst()
        }
        defer { end() }
        return if let next { try await Self.mapped { try await next(ticket) } } else { ticket.receipt }
    }

    package func status(of receipt: Receipt) async throws(ProviderError) -> AssetStatus {
        let next: Telling? = begin { state in
            state.record.looks.append(receipt)
            return state.script.statuses.isEmpty ? nil : state.script.statuses.removeFirst()
        }
        defer { end() }
        return if let next { try await Self.mapped { try await next(receipt) } } else { .ready }
    }

    package func presence(of receipt: Receipt) async throws(ProviderError) -> AssetPresence {
        let next: Looking? = begin { state in
            state.record.presences.append(receipt)
            return state.script.presences.isEmpty ? nil : state.script.presences.removeFirst()
        }
        defer { end() }
        return if let next { try await Self.mapped { try await next(receipt) } } else { .there(.ready) }
    }

    package func hindrance(toLookFor receipt: Receipt) -> String? {
        receipt.mediaID == nil ? "scripted gave no media id for it" : nil
    }

    package func probe() async throws(ProviderError) -> ProviderProbe { ProviderProbe() }

    /// The answer to *ask* when all goes well: `media-<name>`, in one piece or as many as `pieceLength` makes.
    package func ticket(for file: MediaFile) -> Ticket {
        let length = pieceLength ?? max(file.size, 1)
        let starts = Array(stride(from: 0, to: file.size, by: Int64.Stride(length)))
        return Ticket(
            receipt: Receipt(mediaID: "media-\(file.uploadName)", status: .ready),
            pieces: starts.enumerated().map { index, start in
                Piece(
                    index: index,
                    range: start..<min(start + length, file.size),
                    url: "https://storage.example/\(index)",
                    headers: []
                )
            },
            lifetime: lifetime,
            completion: needsFinish ? "{}" : nil
        )
    }

    package static func answer(to piece: Piece) -> PieceAnswer {
        PieceAnswer(index: piece.index, status: 200, headers: [])
    }

    private static func mapped<Value: Sendable>(_ work: () async throws -> Value) async throws(ProviderError) -> Value {
        do {
            return try await work()
        } catch {
            throw error as? ProviderError ?? ProviderError(.unexpectedAnswer, "\(error)")
        }
    }

    private func begin<Next: Sendable>(
        _ take: (inout sending (script: Script, record: Record)) -> sending Next
    ) -> Next {
        state.withLock { state in
            state.record.underWay += 1
            state.record.mostAtATime = max(state.record.mostAtATime, state.record.underWay)
            return take(&state)
        }
    }

    private func end() {
        state.withLock { $0.record.underWay -= 1 }
    }
}
