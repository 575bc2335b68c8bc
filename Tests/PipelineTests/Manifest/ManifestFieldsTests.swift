import Foundation
import SystemPackage
import Testing

@testable import Pipeline

/// The list of fields, and the documents that repeat it.
@Suite struct ManifestFieldsTests {
    @Test(arguments: [FieldTimes.seconds, .milliseconds])
    func `an entry with a value in each field is read as it was written`(times: FieldTimes) throws {
        let row = ManifestRow.Content.entry(.full)

        let fields = row.fields(times: times)

        #expect(["path", "pathEncoding"] + fields.map(\.name) == ManifestFields.namesOfEntry)
        #expect(ManifestRow.Content(fields) == row)
    }

    @Test func `in the ledger, times are exact`() throws {
        let entry = ManifestEntry.full.with { $0.uploadedAt = at(1_763_806_530_123) }
        let rejection = ManifestRejection(
            folder: "inbox",
            rejection: Rejection(.empty, "no bytes"),
            at: at(5),
            revision: 3
        )

        for content in [ManifestRow.Content.entry(entry), .rejected(rejection)] {
            #expect(ManifestRow.Content(exactJSON: content.exactJSON) == content)
        }
    }

    @Test func `a field that is missing spoils the whole if it is required, and unknown fields do not matter`() {
        let fields = ManifestRow.Content.entry(.full).fields()
        let lenient: Set = [
            "folder", "width", "height", "durationMs", "assetUrn", "mediaId", "publicUrl", "recipes", "movedTo",
            "movedToEncoding", "sidecars", "sidecarsEncoding", "warnings",
        ]

        for name in fields.map(\.name) {
            let read = ManifestRow.Content(fields.filter { $0.name != name })
            #expect((read != nil) == lenient.contains(name), "\(name)")
        }
        let later = [JSON.Member("camera", .number("640")), JSON.Member("code", .string("later"))]
        #expect(ManifestRow.Content(later + fields) == .entry(.full))
    }

    // MARK: Documents

    @Test func `the schema of the snapshot has the same fields in the same order`() throws {
        let schema = try Self.schema("manifest")

        for (name, names, required) in Self.kinds {
            let properties = schema["$defs"]?[name]?["properties"]
            #expect(["path"] + (properties?.names ?? []) == names, "\(name)")
            #expect(schema["$defs"]?[name]?["required"]?.strings == required, "\(name)")
        }
    }

    @Test(arguments: ["uploadedOrUpdated", "renamed", "removedEntry", "rejected", "removedRejection"])
    func `the schema of the journal has the same fields in the same order`(kind: String) throws {
        let schema = try Self.schema("journal")["$defs"]?[kind]
        let (_, names, required) = Self.kinds[kind.lowercased().contains("reject") ? 1 : 0]
        let from = kind == "renamed"

        let head = ["revision", "event", "path"]
        let properties = head + (from ? ["from", "fromEncoding"] : []) + names.dropFirst().dropLast()
        #expect(schema?["properties"]?.names == properties)
        #expect(schema?["required"]?.strings == head + (from ? ["from"] : []) + required.dropLast())
    }

    /// Each schema of the fleet is that of the manifest, with the host and the path in front.
    @Test func `the schemas of the fleet have the same fields, and host and path`() throws {
        for name in ["entry", "rejection"] {
            let own = try Self.schema("manifest")["$defs"]?[name]
            let shared = try Self.schema("fleet")["$defs"]?[name]
            let head = ["host"] + (name == "entry" ? [ManifestFields.fleetAccount] : []) + ["path"]
            #expect(shared?["properties"]?.names == head + (own?["properties"]?.names ?? []), "\(name)")
            #expect(shared?["required"]?.strings == ["host", "path"] + (own?["required"]?.strings ?? []), "\(name)")
        }
        for name in ["uploadedOrUpdated", "renamed", "removedEntry", "rejected", "removedRejection"] {
            let own = try Self.schema("journal")["$defs"]?[name]
            let shared = try Self.schema("fleet-journal")["$defs"]?[name]
            #expect(shared?["properties"]?.names.filter { $0 != "host" } == own?["properties"]?.names, "\(name)")
            #expect(shared?["properties"]?.names.prefix(4) == ["revision", "event", "host", "path"], "\(name)")
            #expect(shared?["required"]?.strings?.filter { $0 != "host" } == own?["required"]?.strings, "\(name)")
        }
    }

    @Test func `the table in the documentation has the same fields`() throws {
        let page = try Self.text("docs/manifest.md")
        let afterHead = page.split(separator: "| field | meaning |\n|---|---|\n").last
        let table = try #require(afterHead?.split(separator: "\n\n").first)

        let names = table.split(separator: "\n").flatMap { row in
            row.dropFirst().prefix { $0 != "|" }.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        }
        #expect(Set(names) == Set(ManifestFields.names).subtracting(["path"]))
    }

    @Test func `the manual page names each field`() throws {
        let page = try Self.text("etc/outtray.1")
        let section = try #require(page.split(separator: ".Sh MANIFEST\n").last?.split(separator: "\n.Sh ").first)
        let words = Set(section.split { $0 == " " || $0 == "\n" }.map(String.init))

        for name in Set(ManifestFields.names + ["event", "from", "fromEncoding"]).subtracting(["path"]) {
            #expect(words.contains(name), "\(name)")
        }
    }

    /// The schema's name, all names, and the names that are always there.
    private static let kinds = [
        ("entry", ManifestFields.namesOfEntry, required(ManifestFields.entry)),
        ("rejection", ManifestFields.namesOfRejection, required(ManifestFields.rejection)),
    ]

    private static func required<Whole>(_ list: [FieldCodec<Whole>]) -> [String] {
        list.filter(\.isAlwaysThere).flatMap(\.names)
    }

    private static func schema(_ name: String) throws -> JSON {
        try JSONReader.value(of: Array(text("etc/\(name).schema.json").utf8)[...])
    }

    private static func text(_ name: String) throws -> String {
        let root = FilePath(#filePath).removingLastComponent().pushing("../../..")
        return try String(contentsOfFile: root.pushing(FilePath(name)).string, encoding: .utf8)
    }
}

extension ManifestEntry {
    /// A value in each field.
    fileprivate static let full = ManifestEntry(
        folder: "inbox",
        kind: .video,
        mimeType: .mp4,
        bytes: 73_400_320,
        sha256: digest(0x9F),
        measure: MediaMeasure(width: 1080, height: 1920, duration: .milliseconds(42_500)),
        provider: "connectsafely",
        account: "linkedin",
        receipt: Receipt(
            assetURN: "urn:li:digitalmediaAsset:C4E",
            mediaID: "med_1",
            publicURL: "https://x/1",
            recipes: ["r-1", "r-2"],
            status: .processing
        ),
        present: true,
        movedTo: FilePath(bytes: Array("/done/".utf8) + [0xFF]),
        sidecars: [0xFE, 0xFF].compactMap { FilePath(bytes: Array("a".utf8) + [$0]).lastComponent },
        warnings: [MediaWarning(.tooShort, "too \"short\""), MediaWarning(.otherType, "a WebM")],
        uploadedAt: at(1_763_806_530_000),
        revision: 42
    )

    fileprivate func with(_ change: (inout ManifestEntry) -> Void) -> ManifestEntry {
        var entry = self
        change(&entry)
        return entry
    }
}

extension JSON {
    fileprivate subscript(name: String) -> JSON? {
        if case .object(let fields) = self { fields[name] } else { nil }
    }

    /// The names of an object's members, in their order.
    fileprivate var names: [String] {
        if case .object(let fields) = self { fields.map(\.name) } else { [] }
    }
}
