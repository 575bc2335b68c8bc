import Pipeline
import SystemPackage
import Testing

@Suite struct UploadNameTests {
    @Test(arguments: [
        ("photo.jpg", MediaType.png, "photo.png"),
        ("teaser", .mp4, "teaser.mp4"),
        ("Teaser.MP4", .mp4, "Teaser.MP4"),
        ("clip.M4v", .mp4, "clip.mp4"),
        ("IMG_0042.HIF", .heic, "IMG_0042.heic"),
        ("burst.heics", .heic, "burst.heic"),
        ("photo.heif", .heic, "photo.heif"),
        ("saved.jfif", .jpeg, "saved.jpg"),
        ("saved.jpe", .jpeg, "saved.jpg"),
        ("clip.qt", .quickTime, "clip.mov"),
        ("moving.apng", .png, "moving.png"),
        ("picture.JPEG", .jpeg, "picture.JPEG"),
        ("photo.jpg.png", .jpeg, "photo.jpg.jpg"),
        ("teaser.", .mp4, "teaser.mp4"),
        ("report.v2", .pdf, "report.v2.pdf"),
        ("Meeting 22.11.2026", .pdf, "Meeting 22.11.2026.pdf"),
        (".hidden", .png, ".hidden.png"),
        (".png", .png, "file.png"),
        ("...", .png, "file.png"),
        ("notes.txt", .unknown, "notes.txt"),
    ])
    func `the ending fits the content`(name: String, type: MediaType, expected: String) {
        #expect(UploadName.of(FilePath("/in/\(name)"), type: type) == expected)
    }

    @Test func `control characters and backslashes go, all other characters stay`() {
        let path = FilePath("/in/a\u{1}b\n\\c\u{7F}d\u{85} Grüße 😀.png")

        #expect(UploadName.of(path, type: .png) == "abcd Grüße 😀.png")
    }

    @Test func `bytes that are no UTF-8 are repaired`() {
        let name: [CChar] = [0x61, CChar(bitPattern: 0xFF), 0x62, 0x2E, 0x6A, 0x70, 0x67, 0]
        let path = name.withUnsafeBufferPointer {
            FilePath("/in").appending(FilePath(platformString: Array($0)).components)
        }

        #expect(UploadName.of(path, type: .jpeg) == "a\u{FFFD}b.jpg")
    }

    @Test func `a name that nothing is left of gets one`() {
        #expect(UploadName.of("/in/\u{1}\u{2}", type: .gif) == "file.gif")
        #expect(UploadName.of("/", type: .gif) == "file.gif")
        #expect(UploadName.of("/in/\u{1}", type: .unknown) == "file")
    }

    @Test(arguments: [252, 255])
    func `a name that is too long loses characters before its ending`(length: Int) {
        let name = UploadName.of(FilePath("/in/" + String(repeating: "a", count: length)), type: .webm)

        #expect(name == String(repeating: "a", count: 250) + ".webm")
    }

    @Test func `no character is cut in two`() {
        let name = UploadName.of(FilePath("/in/" + String(repeating: "a", count: 249) + "👍🏽"), type: .webm)

        #expect(name == String(repeating: "a", count: 249) + ".webm")
    }

    @Test func `what follows a dot near the beginning of a long name is shortened too`() {
        let name = UploadName.of(FilePath("/in/a." + String(repeating: "b", count: 252)), type: .pdf)

        #expect(name == "a." + String(repeating: "b", count: 249) + ".pdf")
    }

    @Test func `a name longer than any file system allows is cut too`() {
        let name = UploadName.of(FilePath("/in/a." + String(repeating: "b", count: 400)), type: .unknown)

        #expect(name == "a." + String(repeating: "b", count: 253))
    }
}
