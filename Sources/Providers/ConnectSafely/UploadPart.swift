import Pipeline

/// One of `partUploadRequests`: a range of the file, the last byte included, and where it goes.
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

    /// The parts as pieces of a file of `size` bytes, in the order they came, which *complete* wants back. They must
    /// cover the file from 0 without a hole or an overlap; only the last may reach past its end, and is clamped. A part
    /// without a content type goes as plain bytes, even where it is the only one.
    static func pieces(of parts: [UploadPart], size: Int64) throws(InitAnswer.Unusable) -> [Piece] {
        var pieces: [Piece] = []
        var covered: Int64 = 0
        for (index, part) in parts.enumerated() {
            let name = "part \(index + 1) of \(parts.count)"
            guard let first = part.firstByte, let last = part.lastByte, last >= first, last < .max else {
                throw InitAnswer.Unusable(reason: "\(name) that names no range of bytes")
            }
            guard let url = part.uploadURL, URLText.isAbsolute(url) else {
                throw InitAnswer.Unusable(reason: "\(name) without an upload URL")
            }
            guard first == covered else {
                let what = first > covered ? "a hole before" : "an overlap with"
                throw InitAnswer.Unusable(
                    reason: "\(what) \(name), which begins at byte \(first) instead of \(covered)"
                )
            }
            guard first < size, last < size || index == parts.count - 1 else {
                throw InitAnswer.Unusable(reason: "\(name) beyond the end of the file")
            }
            covered = min(last + 1, size)
            pieces.append(Piece(index: index, range: first..<covered, url: url, headers: part.typedHeaders))
        }
        guard covered == size else {
            throw InitAnswer.Unusable(reason: "parts that cover \(covered) of the file's \(size) bytes")
        }
        return pieces
    }
}
