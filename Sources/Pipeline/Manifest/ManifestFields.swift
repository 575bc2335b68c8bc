/// The fields of the manifest's entries and rejections: the one list that all who write or read them go by.
///
/// The snapshot, the journal, the ledger's changes and the commands need nothing but these lists. A new field is one
/// line here, beside its property, its column and its schemas. The order is that of the text.
package enum ManifestFields {
    static let entry: [FieldCodec<ManifestEntry>] =
        file + MediaMeasure.fields.map { $0.within(\.measure) } + account
        + Receipt.fields.map { $0.within(\.receipt) } + standing

    private static let file: [FieldCodec<ManifestEntry>] = [
        .text("folder", \.folder),
        .word("kind", \.kind),
        .word("mimeType", \.mimeType),
        .number("bytes", \.bytes),
        .digest("sha256", \.sha256),
    ]

    private static let account: [FieldCodec<ManifestEntry>] = [
        .text("provider", \.provider),
        .text("account", \.account),
    ]

    private static let standing: [FieldCodec<ManifestEntry>] = [
        .truth("present", \.present),
        .path("movedTo", \.movedTo),
        .fileNames("sidecars", \.sidecars),
        .warnings("warnings", \.warnings),
        .time("uploadedAt", \.uploadedAt),
        .number("revision", \.revision),
    ]

    static let rejection: [FieldCodec<ManifestRejection>] = [
        .text("folder", \.folder),
        .word("code", \.rejection.code),
        .text("reason", \.rejection.reason),
        .time("at", \.at),
        .number("revision", \.revision),
    ]

    /// The names of all members that an entry may have, its path's included.
    package static let namesOfEntry = path + entry.flatMap(\.names)

    /// The names of all members that a rejection may have, its path's included.
    package static let namesOfRejection = path + rejection.flatMap(\.names)

    /// Both lists as one, each name once and `revision` last.
    package static let names: [String] = {
        let names = namesOfEntry.dropLast() + namesOfRejection.dropLast().filter { !namesOfEntry.contains($0) }
        return names + ["revision"]
    }()

    /// A member that entries of a fleet's manifest may have besides.
    package static let fleetAccount = "fleetAccount"

    private static let path = ["path", ManifestKey.encodingName(of: "path")]
}

extension ManifestRow.Content {
    /// The fields in the order of the list.
    func fields(times: FieldTimes = .seconds) -> [JSON.Member] {
        switch self {
        case .entry(let entry): ManifestFields.entry.fields(of: entry, times: times)
        case .rejected(let rejection): ManifestFields.rejection.fields(of: rejection, times: times)
        }
    }

    /// Reads a rejection or else an entry. Nil if a field is missing. Unknown fields do not matter.
    init?(_ fields: [JSON.Member]) {
        if let rejection = ManifestFields.rejection.filled(.blank, from: fields) {
            self = .rejected(rejection)
        } else if let entry = ManifestFields.entry.filled(.blank, from: fields) {
            self = .entry(entry)
        } else {
            return nil
        }
    }

    /// The fields as one JSON object with exact times, for the ledger.
    package var exactJSON: String { JSON.object(fields(times: .milliseconds)).json }

    /// Reads what ``exactJSON`` wrote; nil for any other text.
    package init?(exactJSON text: String) {
        guard case .object(let fields)? = try? JSONReader.value(of: Array(text.utf8)[...]) else { return nil }
        self.init(fields)
    }
}

extension ManifestEntry {
    /// An entry before its fields are read. Each required field replaces one value.
    fileprivate static let blank = ManifestEntry(
        folder: nil,
        kind: .image,
        mimeType: .unknown,
        bytes: 0,
        sha256: SHA256Digest(bytes: []),
        provider: "",
        account: "",
        receipt: Receipt(status: .unknown),
        present: false,
        uploadedAt: .atOnce,
        revision: 0
    )
}

extension ManifestRejection {
    /// A rejection before its fields are read. Each required field replaces one value.
    fileprivate static let blank = ManifestRejection(
        folder: nil,
        rejection: Rejection(.unreadable, ""),
        at: .atOnce,
        revision: 0
    )
}
