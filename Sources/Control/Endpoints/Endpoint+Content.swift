import Pipeline
import SystemPackage
import Threads
import Watch

// A file's bytes, for a person to look at.

extension Endpoint {
    /// A thumbnail is at most so large, in bytes: 8 MB. The browser reads all of it for a picture of some dots.
    private static var largestThumbnail: Int64 { 8_000_000 }
    /// Types that every browser shows.
    private static let shown: Set<MIMEType> = [.jpeg, .png, .gif, .webp]

    /// `GET /api/v1/files/content?path=&v=`: a file's bytes, or one part of them. `v` is the version that the list of
    /// files tells; without it, whatever version the ledger has now.
    ///
    /// Only files that may go up are given out, in the version that the ledger knows.
    package static func content(
        _ answers: LongAnswers,
        _ open: @escaping @Sendable (FilePath) async throws -> ShownFile?
    ) -> Endpoint {
        Endpoint(.get, "/api/v1/files/content", part: .page, access: .session(.look)) { request in
            guard let (path, file) = try await wanted(request, open) else {
                throw ControlError(
                    .notFound,
                    "there is no such file that could be shown, or not in this version",
                    hint: "ask for the list of files again"
                )
            }
            let seat = try answers.seat()
            let part: ByteRange
            switch request.range(of: file.version.size, tag: file.tag) {
            case .whole: part = ByteRange(first: 0, count: file.version.size)
            case .part(let asked): part = asked
            case .beyond:
                throw ControlError(
                    .noSuchRange,
                    "the file has \(file.version.size) bytes",
                    hint: "ask for a part of them, or for all"
                )
            }
            var answer = sent(part, of: file, seat)
            answer.fields =
                rules(for: file, isLasting: try request.query.text("v") != nil) + [
                    ("Accept-Ranges", "bytes"),
                    ("Content-Disposition", "inline; filename*=UTF-8''\(PercentCode.encode(path.name))"),
                ]
            if part.count < file.version.size {
                answer.status = 206
                answer.fields.append(("Content-Range", "bytes \(part.first)-\(part.end - 1)/\(file.version.size)"))
            }
            return answer
        }
    }

    /// `GET /api/v1/files/thumbnail?path=&v=`: a picture of the file that a browser can show small, or 204 if there is
    /// none. A file that has left or changed has none: whoever shows a list wants no error for it.
    package static func thumbnail(
        _ answers: LongAnswers,
        _ open: @escaping @Sendable (FilePath) async throws -> ShownFile?
    ) -> Endpoint {
        Endpoint(.get, "/api/v1/files/thumbnail", part: .page, access: .session(.look)) { request in
            let none = ControlAnswer(status: 204, contentType: "text/plain", body: [])
            do {
                guard let (_, file) = try await wanted(request, open), shown.contains(file.type) else { return none }
                var answer: ControlAnswer
                if file.type == .jpeg,
                    let small = EXIFThumbnail.find(in: try await file.read(at: 0, count: EXIFThumbnail.headLength))
                {
                    answer = ControlAnswer(contentType: file.type.rawValue, body: small)
                } else {
                    guard file.version.size <= largestThumbnail else { return none }
                    answer = sent(ByteRange(first: 0, count: file.version.size), of: file, try answers.seat())
                }
                answer.fields = rules(for: file, isLasting: try request.query.text("v") != nil)
                return answer
            } catch is SourceFileError {
                return none
            } catch is Unanswered {
                return none
            }
        }
    }

    /// A part of a file, read as the client takes it.
    private static func sent(_ part: ByteRange, of file: ShownFile, _ seat: LongAnswers.Seat) -> ControlAnswer {
        let place = Mutex(part.first)
        var answer = ControlAnswer.stream(contentType: file.type.rawValue) {
            defer { withExtendedLifetime(seat) {} }
            let offset = place.withLock { $0 }
            let count = min(Int64(pieceLength), part.end - offset)
            if count <= 0 { return nil }
            let bytes = try await file.read(at: offset, count: Int(count))
            guard bytes.count == Int(count) else { throw SourceFileError.truncated }
            place.withLock { $0 += count }
            return bytes
        }
        answer.length = part.count
        return answer
    }

    /// How many bytes of a file are read at a time: 256 KiB.
    private static var pieceLength: Int { 256 << 10 }

    private static func wanted(
        _ request: ControlRequest,
        _ open: (FilePath) async throws -> ShownFile?
    ) async throws -> (FilePath, ShownFile)? {
        try request.query.allow("path", "v")
        guard let path = try request.query.path("path") else {
            throw ControlError(.invalid, "no path is given", hint: "add ?path=, percent-encoded")
        }
        let version = try request.query.text("v")
        // `..` would lead out of a folder.
        guard let file = try await open(path.lexicallyNormalized()) else { return nil }
        return version == nil || version == file.version.tag ? (path, file) : nil
    }

    /// What a browser may do with a file's bytes: show them, and run nothing in them.
    private static func rules(for file: ShownFile, isLasting: Bool) -> [(name: String, value: String)] {
        [
            ("Content-Security-Policy", "sandbox; default-src 'none'"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("ETag", file.tag),
            ("Cache-Control", isLasting ? "private, max-age=86400, immutable" : "no-store"),
        ]
    }
}

extension ShownFile {
    /// As an entity tag (RFC 9110, section 8.8.3).
    fileprivate var tag: String { "\"\(version.tag)\"" }
}

extension FileVersion {
    /// Names the version in URLs.
    var tag: String { String(inode, radix: 36) + "-" + String(changed, radix: 36) }
}

extension FilePath {
    /// The bytes of its last component.
    fileprivate var name: [UInt8] { lastComponent.map { FilePath(root: nil, components: $0).bytes } ?? [] }
}

/// A part of a file.
struct ByteRange: Hashable, Sendable {
    let first: Int64
    let count: Int64

    /// Behind its last byte.
    var end: Int64 { first + count }

    enum Wish: Hashable, Sendable {
        case whole
        case part(ByteRange)
        /// No byte of the file is in it.
        case beyond
    }

    /// What `Range` asks for, of a file with `size` bytes (RFC 9110, section 14.1.2). Several ranges, and what is no
    /// range of bytes, may be answered with all.
    static func wish(_ field: String, of size: Int64) -> Wish {
        guard field.hasPrefix("bytes="), !field.contains(",") else { return .whole }
        let ends = field.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }) else { return .whole }
        let numbers = ends.map { $0.isEmpty ? nil : Int64($0) ?? Int64.max }
        switch (numbers[0], numbers[1]) {
        case (nil, nil): return .whole
        case (nil, let last?):
            let count = min(last, size)
            return count > 0 ? .part(ByteRange(first: size - count, count: count)) : .beyond
        case (let first?, let last):
            if let last, last < first { return .whole }
            guard first < size else { return .beyond }
            return .part(ByteRange(first: first, count: min(last ?? Int64.max, size - 1) - first + 1))
        }
    }
}

extension ControlRequest {
    /// What the request wants of a file. `If-Range` with another tag wants all.
    fileprivate func range(of size: Int64, tag: String) -> ByteRange.Wish {
        let fields = values(of: "range")
        guard fields.count == 1, values(of: "if-range").allSatisfy({ $0 == tag }) else { return .whole }
        return ByteRange.wish(fields[0], of: size)
    }
}
