import Pipeline

extension FileExplanation {
    /// The answer for scripts. Members may be added; none changes its meaning.
    package var json: JSON {
        .object(ManifestKey(path).fields("path") + (facts.members ?? []))
    }

    private var facts: JSON {
        .object([
            "known": .bool(known.isKnown),
            "state": known.record.map { .string($0.state.rawValue) },
            "version": known.record.map { .string($0.version.tag) },
            "cause": cause.map { .string($0.rawValue) },
            "headline": .string(headline),
            "next": next.map { next in
                .object([
                    "at": next.at.map { .string($0.iso8601) },
                    "what": .string(next.what),
                    "because": next.because.map(JSON.string),
                ])
            },
            "file": file.map { file in
                .object([
                    "bytes": .integer(file.bytes),
                    "modified": .string(file.modified.iso8601),
                    "links": .integer(Int64(file.links)),
                ])
            },
            "upload": upload.map(\.json),
            "holder": .array(
                holders.seen.map { holder in
                    .object([
                        "pid": .integer(Int64(holder.process)),
                        "name": .string(holder.name),
                        "mapped": holder.isMapping ? .bool(true) : nil,
                        "since": heldSince.map { .string($0.iso8601) },
                    ])
                }
            ),
            "unseenProcesses": holders.unseen > 0 ? .integer(Int64(holders.unseen)) : nil,
            "asset": asset,
            "warnings": warnings.isEmpty ? nil : warnings.json,
            "sameBytes": .array(known.sameBytes.map { .string(ManifestKey($0).text) }),
            "sameBytesEncoding": sameBytesEncoding,
            "steps": .array(known.steps.map(\.json)),
        ])
    }

    /// How each path of `sameBytes` is written, in the same order; nil if all are written as they are.
    private var sameBytesEncoding: JSON? {
        let encodings = known.sameBytes.map { ManifestKey($0).encoding }
        guard encodings.contains(where: { $0 != nil }) else { return nil }
        return .array(encodings.map { $0.map(JSON.string) ?? .null })
    }

    /// The manifest's entry or rejection.
    private var asset: JSON? {
        guard let row = known.row, row.shown else { return nil }
        return try? JSONReader.value(of: Array(row.json.utf8)[...])
    }
}

extension FileStep {
    fileprivate var json: JSON {
        .object([
            "at": .string(at.iso8601),
            "step": .string(kind.rawValue),
            "text": .string(words),
            "detail": facts.json,
            "times": .integer(Int64(times)),
            "last": last.map { .string($0.iso8601) },
        ])
    }
}

extension UploadBoard.Upload {
    /// How far it is, for people.
    var words: String {
        guard phase == .sending else { return phase.words }
        let percent = bytes > 0 ? "\(sent * 100 / bytes) %" : nil
        let part = pieces > 1 ? "part \(min(piecesDone + 1, pieces)) of \(pieces)" : nil
        let left = timeLeft.map { "about \(Words.duration($0)) left" }
        return [percent, part, left].compactMap(\.self).joined(separator: ", ")
    }

    fileprivate var json: JSON {
        .object([
            "phase": .string(phase.rawValue),
            "bytes": .integer(bytes),
            "sent": .integer(sent),
            "bytesPerSecond": .integer(Int64(bytesPerSecond)),
            "etaSeconds": timeLeft.map { .integer($0.components.seconds) },
            "parts": .integer(Int64(pieces)),
            "partsDone": .integer(Int64(piecesDone)),
        ])
    }
}
