import Pipeline
import Threads

// A file that somebody puts into a folder, by the page.

extension Endpoint {
    private static var dropPath: String { "/api/v1/folders/\(variable)/files" }
    /// Pieces of the network are gathered to this many bytes before they are written: 256 KiB.
    private static var writtenAtOnce: Int { 256 << 10 }

    /// `PUT /api/v1/folders/{name}/files?name=&relative=`: puts a file into a folder that takes drops.
    ///
    /// Its bytes are the body, of a declared length.
    ///
    /// All that can be refused is refused before the first byte. An answer of 201 comes when the file is whole, durable
    /// and has its name.
    package static func drop(
        _ answers: LongAnswers,
        _ begin: @escaping @Sendable (DropWish, _ folder: String) async throws -> Drop
    ) -> Endpoint {
        Endpoint(.put, dropPath, part: .page, access: .session(.drop)) { request in
            try request.query.allow("name", "relative")
            guard let name = try request.query.text("name") else {
                throw ControlError(.invalid, "no name is given", hint: "add ?name=, percent-encoded")
            }
            guard let bytes = request.bytes, let length = bytes.length, length >= 0 else {
                throw ControlError(
                    .lengthRequired,
                    "the request does not say how long the file is",
                    hint: "send Content-Length"
                )
            }
            let wish = DropWish(name: name, directory: try request.query.text("relative") ?? "", bytes: length)
            let seat = try answers.seat()
            defer { withExtendedLifetime(seat) {} }
            return try await ControlError.ofDrops {
                let drop = try await begin(wish, request.variable ?? "")
                let gathered = Mutex(Chunk(capacity: 0))
                try await bytes.forEach { piece in
                    let due = gathered.withLock { gathered -> Chunk? in
                        gathered.append(piece)
                        guard gathered.count >= writtenAtOnce else { return nil }
                        defer { gathered = Chunk(capacity: 0) }
                        return gathered
                    }
                    if let due { try await drop.append(due) }
                }
                try await drop.append(gathered.withLock { $0 })
                return .json(.object(try await drop.finish().controlMembers), status: 201)
            }
        }
    }

    /// `POST` to the same path, with `{name, relative, bytes}`: whether the file would be taken.
    ///
    /// A browser that sends a long file may not hear why it is refused. So it asks first.
    package static func dropCheck(
        _ check: @escaping @Sendable (DropWish, _ folder: String) async throws -> Void
    ) -> Endpoint {
        Endpoint(.post, dropPath, part: .page, access: .session(.act)) { request in
            let members = try request.object("name", "relative", "bytes")
            guard let name = try members.text("name"), let bytes = try members.number("bytes", in: 0...Int64.max) else {
                throw ControlError(.invalid, "the body lacks name or bytes", hint: "send both")
            }
            let wish = DropWish(name: name, directory: try members.text("relative") ?? "", bytes: bytes)
            return try await ControlError.ofDrops {
                try await check(wish, request.variable ?? "")
                return .json(.object(["free": .bool(true)]))
            }
        }
    }
}

extension ControlError {
    /// Does what has to do with a drop. What refuses it becomes an answer.
    fileprivate static func ofDrops<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await answering(work)
        } catch let refusal as DropRefusal {
            throw ControlError(refusal)
        } catch let error as Unanswered {
            throw ControlError(.notReady, "\(error)", hint: "look at the folder's disk")
        }
    }

    private init(_ refusal: DropRefusal) {
        let code: Code =
            switch refusal.kind {
            case .closed: .noDrops
            case .name: .invalid
            case .tooLarge: .tooLarge
            case .taken: .taken
            case .noRoom: .noRoom
            case .unavailable: .notReady
            }
        self.init(code, refusal.description, hint: refusal.hint)
        suggestion = refusal.suggestion
    }
}
