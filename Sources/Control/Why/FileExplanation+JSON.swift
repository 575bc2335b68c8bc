import Pipeline

extension FileExplanation {
    /// The answer for scripts. Members may be added; none changes its meaning.
    package var json: JSON {
        .object([
            "path": .string(ManifestKey(path).text),
            "known": .bool(known.isKnown),
            "state": known.record.map { .string($0.state.rawValue) },
            "cause": (known.pause == nil ? known.record?.cause : .paused).map { .string($0.rawValue) },
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
            "holder": .array(
                holders.map { holder in
                    .object([
                        "pid": .integer(Int64(holder.process)),
                        "name": .string(holder.name),
                        "since": heldSince.map { .string($0.iso8601) },
                    ])
                }
            ),
            "asset": asset,
            "sameBytes": .array(known.sameBytes.map { .string(ManifestKey($0).text) }),
            "steps": .array(known.steps.map(\.json)),
        ])
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
