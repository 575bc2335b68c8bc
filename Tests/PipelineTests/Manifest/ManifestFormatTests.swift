import Pipeline
import SystemPackage
import Testing

@testable import Pipeline

/// These texts are the contract with other scripts: a test that fails here breaks them.
@Suite struct ManifestFormatTests {
    private let fields =
        #""folder":"inbox","kind":"VIDEO","mimeType":"video/mp4","bytes":73400320,"sha256":""#
        + String(repeating: "9f", count: 32)
        + #"","provider":"connectsafely","account":"linkedin","assetUrn":"urn:li:digitalmediaAsset:C4E","mediaId":null,"#
        + #""publicUrl":null,"recipes":["r-1","r-2"],"status":"ready","present":true,"uploadedAt":"2025-11-22T10:15:30Z""#
    private let rejection =
        #""folder":null,"code":"unsupported-type","reason":"this is \"text\"","at":"2025-11-22T10:15:30Z""#

    @Test func `an entry of the snapshot`() {
        #expect(ManifestFormat.member(.entry("/in/a.mp4", 42)) == #""/in/a.mp4":{\#(fields),"revision":42}"#)
    }

    @Test func `a rejection of the snapshot`() {
        #expect(ManifestFormat.member(.rejected("/in/n.txt", 17)) == #""/in/n.txt":{\#(rejection),"revision":17}"#)
    }

    @Test func `a path that is not UTF-8 says how it is written`() {
        let path = FilePath(bytes: Array("/in/%".utf8) + [0xE9])

        #expect(
            ManifestFormat.member(.rejected(path, 17))
                == #""/in/%25%E9":{"pathEncoding":"percent",\#(rejection),"revision":17}"#
        )
    }

    @Test func `a path with a percent sign before hex digits says how it is written, as does one it was moved from`() {
        let change = ManifestChange(event: .renamed, row: .entry("/in/x%FF", 42), movedFrom: "/in/%41")

        #expect(
            ManifestFormat.line(change)
                == #"{"revision":42,"event":"renamed","path":"/in/x%25FF","from":"/in/%2541","fromEncoding":"percent","#
                + #""pathEncoding":"percent",\#(fields)}"# + "\n"
        )
    }

    @Test(arguments: [ManifestChange.Event.uploaded, .updated, .removed])
    func `a line of the journal`(event: ManifestChange.Event) {
        let line = ManifestFormat.line(ManifestChange(event: event, row: .entry("/in/a.mp4", 42)))

        #expect(line == #"{"revision":42,"event":"\#(event.rawValue)","path":"/in/a.mp4",\#(fields)}"# + "\n")
    }

    @Test func `a line of a rejection`() {
        let line = ManifestFormat.line(ManifestChange(event: .rejected, row: .rejected("/in/n.txt", 17)))

        #expect(line == #"{"revision":17,"event":"rejected","path":"/in/n.txt",\#(rejection)}"# + "\n")
    }

    @Test func `a line of a file that was renamed says from where`() {
        let change = ManifestChange(event: .renamed, row: .entry("/in/b.mp4", 42), movedFrom: "/in/a.mp4")
        let odd = FilePath(bytes: Array("/in/".utf8) + [0xFF])
        let fromOdd = ManifestChange(event: .renamed, row: .entry("/in/b.mp4", 42), movedFrom: odd)

        #expect(
            ManifestFormat.line(change)
                == #"{"revision":42,"event":"renamed","path":"/in/b.mp4","from":"/in/a.mp4",\#(fields)}"# + "\n"
        )
        #expect(
            ManifestFormat.line(fromOdd)
                == #"{"revision":42,"event":"renamed","path":"/in/b.mp4","from":"/in/%FF","fromEncoding":"percent",\#(fields)}"#
                + "\n"
        )
    }

    @Test(arguments: [
        (FilePath("/done/a.mp4"), #""movedTo":"/done/a.mp4""#),
        (FilePath(bytes: Array("/done/".utf8) + [0xFF]), #""movedTo":"/done/%FF","movedToEncoding":"percent""#),
    ])
    func `an entry whose file was moved says to where, and is read so`(movedTo: FilePath, text: String) throws {
        guard case .entry(var entry) = ManifestRow.entry("/in/a.mp4", 42).content else { return }
        entry.present = false
        entry.movedTo = movedTo
        let row = ManifestRow(path: "/in/a.mp4", content: .entry(entry))

        let line = ManifestFormat.line(ManifestChange(event: .removed, row: row))

        #expect(line.contains(#""present":false,\#(text),"uploadedAt""#))
        #expect(ManifestFormat.change(ofLine: Array(line.utf8)[...])?.row == row)
        let snapshot = #"{"schema":1,"revision":42,"entries":{\#(ManifestFormat.member(row))},"rejected":{}}"#
        #expect(ManifestFormat.snapshot(Array(snapshot.utf8))?.rows == [row])
    }

    @Test(arguments: [
        (["a.mp4.txt", "a.xmp"].map { Array($0.utf8) }, #""sidecars":["a.mp4.txt","a.xmp"]"#),
        (["a.txt", "a%41"].map { Array($0.utf8) }, #""sidecars":["a.txt","a%2541"],"sidecarsEncoding":"percent""#),
        // One that is not UTF-8 lets all be written alike.
        ([Array("50%.txt".utf8), [0xFF, 0x61]], #""sidecars":["50%25.txt","%FFa"],"sidecarsEncoding":"percent""#),
    ])
    func `an entry names its sidecars, and is read so`(names: [[UInt8]], text: String) throws {
        guard case .entry(var entry) = ManifestRow.entry("/in/a.mp4", 42).content else { return }
        entry.sidecars = names.compactMap { FilePath(bytes: $0).lastComponent }
        let row = ManifestRow(path: "/in/a.mp4", content: .entry(entry))

        let line = ManifestFormat.line(ManifestChange(event: .updated, row: row))

        #expect(line.contains(#""present":true,\#(text),"uploadedAt""#), "\(line)")
        #expect(ManifestFormat.change(ofLine: Array(line.utf8)[...])?.row == row)
        let snapshot = #"{"schema":1,"revision":42,"entries":{\#(ManifestFormat.member(row))},"rejected":{}}"#
        #expect(ManifestFormat.snapshot(Array(snapshot.utf8))?.rows == [row])
    }

    @Test(arguments: [#"["a/b"]"#, #"[""]"#, #"[".."]"#, #""a""#, "null"])
    func `a list of sidecars that Outtray does not write reads as none`(list: String) throws {
        let line = ManifestFormat.line(ManifestChange(event: .updated, row: .entry("/in/a.mp4", 42)))
        let damaged = line.replacing(#""present":true,"#, with: #""present":true,"sidecars":\#(list),"#)

        guard case .entry(let entry)? = ManifestFormat.change(ofLine: Array(damaged.utf8)[...])?.row.content else {
            return #expect(Bool(false), "not read")
        }
        #expect(damaged != line && entry.sidecars == [])
    }

    @Test func `each event has the name that scripts know`() {
        #expect(
            ManifestChange.Event.allCases.map(\.rawValue) == [
                "uploaded", "updated", "renamed", "removed", "rejected", "forgotten",
            ]
        )
        #expect(AssetStatus.allCases.map(\.rawValue) == ["processing", "ready", "failed", "unknown"])
        #expect(
            Rejection.Code.allCases.map(\.rawValue)
                == [
                    "unsupported-type", "too-large", "empty", "unreadable", "incomplete", "unsuitable",
                    "refused-by-provider",
                ]
        )
        #expect(
            [MediaWarning.Code.tooManyPixels, .tooShort, .tooLong, .tooSmall, .otherType, .unmeasured].map(\.rawValue)
                == ["too-many-pixels", "too-short", "too-long", "too-small", "other-type", "unmeasured"]
        )
    }

    @Test(arguments: [
        (ManifestRow.entry("/in/a", 1), "uploaded"), (.entry("/in/a", 1, present: false), "removed"),
        (.entry("/in/a", 1, shown: false), "removed"), (.rejected("/in/a", 1), "rejected"),
        (.rejected("/in/a", 1, shown: false), "removed"),
    ])
    func `a replaced journal has one line for each row that says where it stands`(row: ManifestRow, event: String) {
        #expect(ManifestFormat.line(standingFor: row).hasPrefix(#"{"revision":1,"event":"\#(event)","path":"/in/a","#))
    }

    @Test(arguments: [
        ("7,", 7), ("0,", 0), ("9223372036854775807,\"event\"", Int64.max), ("9223372036854775808,", nil), ("7", nil),
        ("7}", nil), (",", nil), ("", nil), ("-7,", nil), (" 7,", nil), ("7.0,", nil), ("\"7\",", nil),
    ])
    func `a revision is a number between the beginning and a comma`(rest: String, revision: Int64?) {
        let (snapshot, line) = (#"{"schema":1,"revision":"#, #"{"revision":"#)

        #expect(ManifestFormat.revision(ofSnapshotHead: Array((snapshot + rest).utf8)) == revision)
        #expect(ManifestFormat.revision(ofLineHead: Array((line + rest).utf8)) == revision)
        #expect(ManifestFormat.revision(ofSnapshotHead: Array((line + rest).utf8)) == nil)
        #expect(ManifestFormat.revision(ofLineHead: Array((snapshot + rest).utf8)) == nil)
        #expect(ManifestFormat.revision(ofLineHead: Array((" " + line + rest).utf8)) == nil)
    }

    @Test func `what is written begins with its revision`() {
        let line = ManifestFormat.line(standingFor: .entry("/in/a", 7))

        #expect(ManifestFormat.revision(ofLineHead: Array(line.utf8)) == 7)
    }

    @Test func `one row alone is one object with its path`() {
        #expect(ManifestRow.entry("/in/a.mp4", 42).json == #"{"path":"/in/a.mp4",\#(fields),"revision":42}"#)
    }
}
