import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct PieceSenderTests {
    private let directory: TemporaryDirectory
    private let events = RecordedEvents()
    private let recorded = Tally<PieceAnswer>()

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func sender(
        _ name: String,
        _ provider: any Provider,
        memory: PieceMemory = PieceMemory(),
        account: String = "main",
        observer: PipelineObserver? = nil,
        announce: @escaping @Sendable (SHA256Digest) async -> Void = { _ in }
    ) throws -> PieceSender {
        let file = try directory.media(name, account: account)
        let recorded = recorded
        return PieceSender(
            file: file,
            source: UploadSource(try SourceFile(file.path, beneath: file.root), on: SourceDisks().disk(of: file)),
            memory: memory,
            observer: observer ?? events.observer,
            put: { try await provider.send($0, of: file, body: $1) },
            announce: announce,
            record: { recorded.enter($0) }
        )
    }

    /// The answers go back in the order of the ticket, the bytes are read in that of the file.
    @Test func `parts that are listed in any order go up whole, and are answered in that order`() async throws {
        var random = SeededGenerator()
        let content = bytes(95)
        try directory.write("a.jpg", content)
        let plain = try sender("a.jpg", ScriptedProvider())
        let whole = try await plain.send(ScriptedProvider().ticket(for: plain.file), known: []).sha256
        for _ in 0..<40 {
            let provider = ScriptedProvider(pieceLength: 10)
            let sender = try sender("a.jpg", provider)
            var ticket = provider.ticket(for: sender.file)
            ticket.pieces = ticket.pieces.shuffled(using: &random).enumerated().map { index, piece in
                Piece(index: index, range: piece.range, url: piece.url, headers: [])
            }
            let known = ticket.pieces.filter { _ in Int.random(in: 0...3, using: &random) == 0 }
                .map(ScriptedProvider.answer)

            let (answers, digest) = try await sender.send(ticket, known: known)

            #expect(answers.map(\.index) == Array(ticket.pieces.indices))
            #expect(digest == whole)
            let sent = provider.record.sent
            #expect(sent.count == ticket.pieces.count - known.count)
            for (piece, bytes) in sent {
                #expect(bytes == Array(content[Int(piece.range.lowerBound)..<Int(piece.range.upperBound)]))
            }
        }
    }

    @Test func `parts go side by side, but no more of them than one file may have`() async throws {
        let provider = ScriptedProvider(pieceLength: 10)
        let turnstile = Turnstile()
        try directory.write("a.jpg", bytes(100))
        let sender = try sender("a.jpg", provider)
        provider.script { script in
            script.sends = (0..<10).map { _ in
                { piece, _ in
                    try await turnstile.pass()
                    return ScriptedProvider.answer(to: piece)
                }
            }
        }

        let answers = try await withThrowingTaskGroup(of: [PieceAnswer].self) { group in
            group.addTask { try await sender.send(provider.ticket(for: sender.file), known: []).answers }
            try await turnstile.arrivals(PieceSender.atATime)
            turnstile.open()
            return try await group.next() ?? []
        }

        #expect(answers.map(\.index) == Array(0..<10))
        #expect(provider.record.mostAtATime == PieceSender.atATime)
        #expect(recorded.turns == 10)
    }

    @Test func `when a part fails, those under way arrive and are recorded, and no further one is begun`() async throws
    {
        let provider = ScriptedProvider(pieceLength: 10)
        let failed = Turnstile()
        try directory.write("a.jpg", bytes(100))
        let sender = try sender("a.jpg", provider)
        provider.script { script in
            script.sends = (0..<PieceSender.atATime).map { _ in
                { piece, _ in
                    // The first one fails once all are under way; the others arrive after that.
                    try await failed.pass()
                    if piece.index == 0 { throw ProviderError(.transient, "503") }
                    return ScriptedProvider.answer(to: piece)
                }
            }
        }

        let error = try await withThrowingTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                do {
                    _ = try await sender.send(provider.ticket(for: sender.file), known: [])
                    return nil
                } catch {
                    return error
                }
            }
            try await failed.arrivals(PieceSender.atATime)
            failed.open()
            return try await group.next() ?? nil
        }

        #expect(error as? ProviderError == ProviderError(.transient, "503"))
        let sent = provider.record.sent.map(\.piece.index)
        #expect(Set(sent).isSuperset(of: [0, 1, 2]))
        #expect(recorded.turns == sent.count - 1)
        #expect(sent.count < 10)
    }

    @Test func `all memory is given back when a part fails`() async throws {
        let length = Int(PieceMemory.largestHeld)
        let provider = ScriptedProvider(pieceLength: PieceMemory.largestHeld)
        let memory = PieceMemory(capacity: PieceMemory.largestHeld)
        try directory.write("a.jpg", [UInt8](repeating: 7, count: length + 1))
        let sender = try sender("a.jpg", provider, memory: memory)
        provider.script { $0.sends = [{ _, _ in throw ProviderError(.transient, "503") }] }

        await #expect(throws: ProviderError(.transient, "503")) {
            try await sender.send(provider.ticket(for: sender.file), known: [])
        }

        #expect(memory.held == 0)
    }

    @Test func `all memory is given back when a part cannot be read`() async throws {
        let provider = ScriptedProvider(pieceLength: PieceMemory.largestHeld)
        let memory = PieceMemory(capacity: PieceMemory.largestHeld)
        try directory.write("a.jpg", [])
        try directory.truncate("a.jpg", to: PieceMemory.largestHeld + 1)
        let sender = try sender("a.jpg", provider, memory: memory)
        try directory.truncate("a.jpg", to: 100)

        await #expect(throws: SourceFileError.self) {
            try await sender.send(provider.ticket(for: sender.file), known: [])
        }

        #expect(memory.held == 0)
    }

    /// Three parts of 4 MiB are all the memory; the first account's storage takes nothing of them.
    @Test func `an account whose storage never reads holds up no other account's parts`() async throws {
        let memory = PieceMemory()
        let (stuck, other) = (ScriptedProvider(pieceLength: 4 << 20), ScriptedProvider(pieceLength: 4 << 20))
        let storage = Turnstile()
        try directory.write("a.mp4", bytes(16 << 20))
        try directory.write("b.mp4", bytes(16 << 20, seed: 1))
        let first = try sender("a.mp4", UnreadProvider(stuck, until: storage), memory: memory, account: "stuck")
        let second = try sender("b.mp4", other, memory: memory, account: "main")

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await first.send(stuck.ticket(for: first.file), known: []) }
            try await storage.arrivals(3)
            #expect(memory.held == 12 << 20)

            let answers = try await second.send(other.ticket(for: second.file), known: []).answers

            #expect(answers.count == 4)
            #expect(stuck.record.sent.isEmpty)
            storage.open()
            try await group.waitForAll()
        }
        #expect(stuck.record.sent.count == 4)
        #expect(memory.held == 0)
    }

    @Test(arguments: [nil, Int64(3 << 20)])
    func `a storage that answers before it has all bytes changes nothing of the digest`(pieceLength: Int64?)
        async throws
    {
        let length = 9 << 20
        let content = bytes(length)
        try directory.write("a.jpg", content)
        let provider = ScriptedProvider(pieceLength: pieceLength)
        let file = try directory.media("a.jpg")
        let sender = try sender("a.jpg", EagerProvider(provider))

        let (answers, digest) = try await sender.send(provider.ticket(for: file), known: [])

        #expect(answers.count == provider.ticket(for: file).pieces.count)
        #expect(digest == SHA256Digest(of: content))
    }

    @Test func `the digest is told before the last byte goes`() async throws {
        let told = Tally<SHA256Digest>()
        for pieceLength in [nil, Int64(FileReader.chunkLength)] {
            let length = FileReader.chunkLength * 2 + 5
            try directory.write("a.jpg", bytes(length))
            let provider = ScriptedProvider(pieceLength: pieceLength)
            let file = try directory.media("a.jpg")
            let begun = told.turns
            let sender = try sender("a.jpg", provider, announce: { told.enter($0) })
            let last = provider.ticket(for: file).pieces.count - 1
            provider.script { script in
                script.sends = (0...last).map { _ in
                    { piece, _ in
                        if piece.index == last { #expect(told.turns == begun + 1) }
                        return ScriptedProvider.answer(to: piece)
                    }
                }
            }

            let digest = try await sender.send(provider.ticket(for: file), known: []).sha256

            #expect(told.turns == begun + 1)
            told.leave(digest)
        }
        #expect(told.isOver, "another digest was told than that of what was sent")
    }

    @Test func `a piece that was sent in an earlier try does not go with a version that has changed since`()
        async throws
    {
        try directory.write("a.jpg", bytes(30))
        let provider = ScriptedProvider(pieceLength: 10)
        let file = try directory.media("a.jpg")
        let ticket = provider.ticket(for: file)
        // Once the first piece is read.
        let sender = try sender("a.jpg", provider, observer: { _ in changeRights(of: file.path) })

        await #expect(throws: SourceFileError.changed) {
            try await sender.send(ticket, known: [ScriptedProvider.answer(to: ticket.pieces[1])])
        }
    }

    @Test func `a piece that was read after the version had changed is sent, and not kept for the next try`()
        async throws
    {
        try directory.write("a.jpg", bytes(20))
        let provider = ScriptedProvider(pieceLength: 10)
        let file = try directory.media("a.jpg")
        let ticket = provider.ticket(for: file)
        let turnstile = Turnstile()
        let sender = try sender("a.jpg", provider, observer: { _ in changeRights(of: file.path) })
        provider.script { script in
            script.sends = (0..<2).map { _ in
                { piece, _ in
                    // The first answer comes when the second piece has been read.
                    try await turnstile.pass()
                    return ScriptedProvider.answer(to: piece)
                }
            }
        }

        async let sent = sender.send(ticket, known: [])
        try await turnstile.arrivals(2)
        turnstile.open()

        #expect(try await sent.answers.map(\.index) == [0, 1])
        #expect(recorded.turns == 1)
        recorded.leave(ScriptedProvider.answer(to: ticket.pieces[0]))
        #expect(recorded.isOver)
    }

    @Test func `what is sent is told as it goes, up to the file's size`() async throws {
        let length = FileReader.chunkLength * 2 + 5
        try directory.write("a.jpg", bytes(length))
        let provider = ScriptedProvider()
        let sender = try sender("a.jpg", provider)

        _ = try await sender.send(provider.ticket(for: sender.file), known: [])

        let told = events.all.compactMap { if case .sending(_, let sent) = $0 { sent } else { nil } }
        #expect(told == [FileReader.chunkLength, FileReader.chunkLength * 2, length].map(Int64.init))
    }
}

/// A provider whose storage accepts connections, and reads nothing until it is let.
private struct UnreadProvider: StorageStandIn {
    let provider: ScriptedProvider
    private let storage: Turnstile

    init(_ provider: ScriptedProvider, until storage: Turnstile) {
        self.provider = provider
        self.storage = storage
    }

    func send(_ piece: Piece, of file: MediaFile, body: ByteStream) async throws(ProviderError) -> PieceAnswer {
        do { try await storage.pass() } catch { throw ProviderError(.cancelled, "\(error)") }
        return try await provider.send(piece, of: file, body: body)
    }
}

/// A provider whose storage answers when it has the first bytes, while the caller waits for the next ones.
private struct EagerProvider: StorageStandIn {
    let provider: ScriptedProvider

    init(_ provider: ScriptedProvider) {
        self.provider = provider
    }

    func send(_ piece: Piece, of file: MediaFile, body: ByteStream) async throws(ProviderError) -> PieceAnswer {
        await withTaskGroup { group in
            group.addTask {
                var iterator = body.makeAsyncIterator()
                _ = try? await iterator.next()
                // As a transfer does whose exchange ends while its body is read.
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try? await iterator.next()
            }
        }
        return ScriptedProvider.answer(to: piece)
    }
}

/// A scripted provider with another storage.
private protocol StorageStandIn: Provider {
    var provider: ScriptedProvider { get }
}

extension StorageStandIn {
    var name: String { provider.name }

    func ask(for file: MediaFile) async throws(ProviderError) -> Ticket { try await provider.ask(for: file) }

    func finish(_ ticket: Ticket, answers: [PieceAnswer]) async throws(ProviderError) -> Receipt {
        try await provider.finish(ticket, answers: answers)
    }

    func status(of receipt: Receipt) async throws(ProviderError) -> AssetStatus {
        try await provider.status(of: receipt)
    }

    func presence(of receipt: Receipt) async throws(ProviderError) -> AssetPresence {
        try await provider.presence(of: receipt)
    }

    func hindrance(toLookFor receipt: Receipt) -> String? { provider.hindrance(toLookFor: receipt) }

    func probe() async throws(ProviderError) -> ProviderProbe { try await provider.probe() }
}
