import SystemPackage
import Testing

@testable import Watch

struct IgnoreRulesTests {
    @Test(arguments: [
        ".hidden", ".stfolder", ".syncthing.a.mp4.tmp", ".~lock.a.odt#", ".nfs0001", "a.mp4.part", "a.mp4.partial",
        "a.crdownload", "a.download", "a.opdownload", "a.!qB", "a.aria2", "a.tmp", "a.temp", ".a.swp", "a.swp", "a~",
        "~$report.docx", "Thumbs.db", "desktop.ini", "a.filepart", "a.PART", "A.Tmp", "a.!QB", "THUMBS.DB",
        "$Recycle.Bin",
        "$RECYCLE.BIN", "RECYCLER", "Recycled", "FOUND.000", "found.017", "__MACOSX", "@eaDir", "#recycle", "#snapshot",
        "@Recycle", "@Recently-Snapshot", "~snapshot", "Icon\r", "LOST+FOUND",
    ])
    func `what programs leave beside files is ignored`(name: String) throws {
        let component = try #require(FilePath.Component(name))

        #expect(IgnoreRules().ignores(component))
    }

    @Test(arguments: [
        "a.mp4", "part.mp4", "tmp", "a.part.mp4", "~a.png", "a..png", "download",
        "eaDir", "recycle", "FOUND.00", "FOUND.0000", "FOUND.00a", "MACOSX", "@recycled.jpg", "Icon", "a.PARTS",
    ])
    func `files like any other are not`(name: String) throws {
        let component = try #require(FilePath.Component(name))

        #expect(!IgnoreRules().ignores(component))
    }

    @Test func `added patterns come on top of the defaults`() {
        let rules = IgnoreRules(adding: ["*.draft.*"])

        #expect(rules.ignores("a.draft.mp4"))
        #expect(rules.ignores(".hidden"))
        #expect(!rules.ignores("a.mp4"))
    }

    @Test func `a person's own patterns match as they are written`() {
        let rules = IgnoreRules(adding: ["Draft*"])

        #expect(rules.ignores("Draft.mp4"))
        #expect(!rules.ignores("draft.mp4"))
        #expect(!rules.ignores("DRAFT.mp4"))
    }

    @Test func `small and capital letters are the same in ASCII alone`() throws {
        let name = try #require(FilePath.Component(platformString: [0x61, 0x2E, -61, -124, 0x70, 0x61, 0x72, 0x74, 0]))

        #expect(!IgnoreRules().ignores(name), "an Ä is no end of a pattern")
        #expect(!IgnoreRules().ignores("a.ＴＭＰ"))
    }

    @Test func `names that are not UTF-8 are matched by their bytes`() throws {
        let part = try #require(FilePath.Component(platformString: [-1, 0x2E, 0x70, 0x61, 0x72, 0x74, 0]))
        let plain = try #require(FilePath.Component(platformString: [-1, 0x2E, 0x70, 0x6E, 0x67, 0]))

        #expect(IgnoreRules().ignores(part))
        #expect(!IgnoreRules().ignores(plain))
    }
}
