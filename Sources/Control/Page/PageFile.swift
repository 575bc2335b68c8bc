import CPage
import Crypto
import Glibc
import Pipeline
import SystemPackage

/// A file of the page, as the program carries it.
struct PageFile: Sendable {
    let name: String
    let contentType: String
    let bytes: [UInt8]
    /// Names this content, for browsers that have it already (RFC 9110, section 8.8.3).
    let tag: String

    /// All files, read once.
    static let all: [PageFile] = (0..<cpage_count()).map { PageFile(cpage_file($0)) }

    private init(_ file: cpage_file) {
        self.init(
            name: String(cString: file.name),
            bytes: Array(UnsafeBufferPointer(start: file.bytes, count: Int(file.count)))
        )
    }

    private init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        contentType = Self.types[String(name.split(separator: ".").last ?? "")] ?? "application/octet-stream"
        tag = "\"\(PageSecret.digest(String(decoding: bytes, as: UTF8.self)).prefix(16))\""
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    ]

    /// What a browser may do with the page: run the page's own scripts, ask the page's own service, and nothing else.
    ///
    /// No other page may hold the page in a frame, or keep a hand on its window.
    private static let rules = [
        (
            "Content-Security-Policy",
            """
            default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; \
            connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; \
            require-trusted-types-for 'script'
            """
        ), ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]

    /// The file, or word that the browser has the file already.
    ///
    /// The browser asks each time. So after an upgrade, no part of the page is an old one.
    func answer(_ request: ControlRequest) -> ControlAnswer {
        #if DEBUG
            // Whoever works at the page sees each change at once.
            if let directory = getenv("OUTTRAY_PAGE_DIR"),
                let bytes = try? RegularFile.content(of: FilePath(platformString: directory).appending(name))
            {
                return PageFile(name: name, bytes: bytes).sent(to: request)
            }
        #endif
        return sent(to: request)
    }

    private func sent(to request: ControlRequest) -> ControlAnswer {
        let known = request.values(of: "if-none-match").flatMap { $0.split(separator: ",") }
        let isKnown = known.contains { $0.drop { $0 == " " } == tag }
        var answer = ControlAnswer(status: isKnown ? 304 : 200, contentType: contentType, body: isKnown ? [] : bytes)
        answer.fields = [("Cache-Control", "no-cache"), ("ETag", tag)] + Self.rules.map { (name: $0, value: $1) }
        return answer
    }
}
