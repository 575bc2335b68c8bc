import SystemPackage
import Testing
import Watch

@Suite struct DoneSuffixTests {
    @Test(arguments: [".done", "-ready", "_ok", ".jpg.ok", ".déjà"])
    func `an ending of names is one`(text: String) throws {
        let done = try #require(DoneSuffix(text))

        #expect(done.text == text)
        #expect(done.isMarker(try #require(FilePath.Component("photo.jpg\(text)"))))
        #expect(!done.isMarker(try #require(FilePath.Component("photo\(text).jpg"))))
        #expect(done == DoneSuffix(text) && done != DoneSuffix(".other"))
    }

    @Test func `capitals and small letters differ`() throws {
        #expect(!(try #require(DoneSuffix(".done")).isMarker("photo.jpg.DONE")))
    }

    @Test(arguments: ["", "done", "*.done", ".do?e", ".[d]one", "a/b", "/", ".", "..", ".\u{7}", ".{a,b}"])
    func `what is no ending, or looks like a pattern, is told`(text: String) {
        #expect(DoneSuffix(text) == nil)
        #expect(DoneSuffix.trouble(with: text) != nil)
    }

    @Test func `an ending that leaves no room for names is told`() {
        #expect(DoneSuffix("." + String(repeating: "a", count: 64)) == nil)
    }
}
