import Pipeline

/// One of `partUploadRequests`: a range of the file, `lastByte` included, and its upload URL.
struct UploadPart: Hashable, Sendable {
    let firstByte: Int64?
    let lastByte: Int64?
    let uploadURL: String?
    let headers: [HeaderField]

    init(_ json: JSON) {
        firstByte = json["firstByte"]?.integer
        lastByte = json["lastByte"]?.integer
        uploadURL = json["uploadUrl"]?.text
        headers = json["headers"]?.headerFields ?? []
    }

    private var typedHeaders: [HeaderField] {
        headers.contains { $0.name.lowercased() == "content-type" }
            ? headers : headers + [HeaderField("Content-Type", MIMEType.unknown.rawValue)]
    }

    /// The parts as pieces of a file of `size` bytes, in the order they came. *complete* wants them in this order.
    ///
    /// Sorted by range, the parts must cover the file from byte 0 without a hole or an overlap. Only the last range may
    /// reach past the end of the file; it is clamped. A part without a content type goes as `application/octet-stream`,
    /// even if it is the only part.
    static func pieces(of parts: [UploadPart], size: Int64) throws(UnusableAnswer) -> [Piece] {
        var ranged: [(index: Int, first: Int64, last: Int64, url: String)] = []
        for (index, part) in parts.enumerated() {
            guard let first = part.firstByte, let last = part.lastByte, last >= first, last < .max else {
                throw UnusableAnswer("\(name(index, of: parts)) that names no range of bytes")
            }
            guard let url = part.uploadURL, URLText.isAbsolute(url) else {
                throw UnusableAnswer("\(name(index, of: parts)) without an upload URL")
            }
            ranged.append((index, first, last, url))
        }
        ranged.sort { ($0.first, $0.index) < ($1.first, $1.index) }
        var pieces: [Piece] = []
        var covered: Int64 = 0
        for (place, part) in ranged.enumerated() {
            let name = name(part.index, of: parts)
            guard part.first == covered else {
                let what = part.first > covered ? "a hole before" : "an overlap with"
                throw UnusableAnswer("\(what) \(name), which begins at byte \(part.first) instead of \(covered)")
            }
            guard part.first < size, part.last < size || place == ranged.count - 1 else {
                throw UnusableAnswer("\(name) beyond the end of the file")
            }
            covered = min(part.last + 1, size)
            let headers = parts[part.index].typedHeaders
            pieces.append(Piece(index: part.index, range: part.first..<covered, url: part.url, headers: headers))
        }
        guard covered == size else {
            throw UnusableAnswer("parts that cover \(covered) of the file's \(size) bytes")
        }
        return pieces.sorted { $0.index < $1.index }
    }

    private static func name(_ index: Int, of parts: [UploadPart]) -> String {
        "part \(index + 1) of \(parts.count)"
    }
}
