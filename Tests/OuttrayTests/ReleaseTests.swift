import Testing

@testable import outtray

/// What `--version` prints.
@Suite struct ReleaseTests {
    @Test func `the commit follows the version where it is known`() {
        #expect(Release.words(version: "0.2.0", commit: "1a2b3c4d5e6f") == "outtray 0.2.0 (1a2b3c4d5e6f)")
        #expect(Release.words(version: "0.2.0", commit: nil) == "outtray 0.2.0")
    }

    @Test func `a build without packaging knows no commit`() {
        #expect(Release.commit == nil)
    }
}
