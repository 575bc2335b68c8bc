import SystemPackage
import Testing

@testable import Pipeline

@Suite struct SidecarNameTests {
    @Test(arguments: [
        ("/in/photo.jpg.txt", "/in/photo.jpg"), ("/in/photo.txt", "/in/photo"), ("/in/photo", "/in/photo"),
        ("/in.d/photo", "/in.d/photo"), ("/in/.txt", "/in/.txt"), ("/in/a.", "/in/a"),
    ])
    func `a name loses its last ending alone`(path: FilePath, stem: FilePath) {
        #expect(path.withoutEnding == stem)
    }

    @Test func `a sidecar stands beside the file with one ending less, and beside those with another one`() {
        let files: [FilePath] = ["/in/photo.jpg", "/in/photo.mp4", "/in/photo", "/in/photo.jpg.txt.pdf"]

        #expect(files.filter(FilePath("/in/photo.jpg.txt").isSidecar) == ["/in/photo.jpg"])
        #expect(files.filter(FilePath("/in/photo.txt").isSidecar) == ["/in/photo.jpg", "/in/photo.mp4", "/in/photo"])
    }

    @Test(arguments: [
        "/in/sub/photo.jpg", "/photo.jpg", "/in/photos.jpg", "/in/photo.txt", "/in/photo/a.jpg", "/in/Photo.jpg",
    ])
    func `it does not stand beside a file in another directory, of another name, or itself`(file: FilePath) {
        #expect(!FilePath("/in/photo.txt").isSidecar(of: file))
    }

    @Test func `names are compared as bytes`() {
        let name = Array("/in/".utf8) + [0xFF]
        let sidecar = FilePath(bytes: name + Array(".txt".utf8))

        #expect(sidecar.isSidecar(of: FilePath(bytes: name + Array(".jpg".utf8))))
        #expect(!sidecar.isSidecar(of: FilePath(bytes: Array("/in/".utf8) + [0xFE] + Array(".jpg".utf8))))
    }
}
