import SystemPackage
import Testing

@testable import outtray

/// The syntax of unit files and of `systemctl show`.
@Suite struct UnitTextTests {
    private func service(_ text: String) -> [String] {
        UnitText.service(Array(text.utf8)).map { "\($0.key)=\(String(decoding: $0.value, as: UTF8.self))" }
    }

    private func words(_ text: String, _ quoting: UnitText.Quoting) -> [String] {
        UnitText.words(Array(text.utf8), quoting).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `only the section Service counts, and comments do not`() {
        let text = "[Unit]\nUser=no\n[Service]\n# User=no\n; User=no\nUser = ada \n[Install]\nUser=no\n"

        #expect(service(text) == ["User=ada"])
    }

    @Test func `a line that ends in a backslash goes on, over a comment too`() {
        #expect(
            service("[Service]\nReadWritePaths=/a \\\n# not this\n  /b\nUser=x") == ["ReadWritePaths=/a  /b", "User=x"]
        )
        #expect(service("[Service]\nUser=x\\") == [])
    }

    @Test func `words of a unit file are parted by white space, and quotation marks hold them together`() {
        #expect(words(#"/a  "-/srv/my inbox" '/it"s' /b\ c"#, .unit) == ["/a", "-/srv/my inbox", "/it\"s", "/b c"])
    }

    @Test func `systemctl show escapes as C does`() {
        #expect(
            words(#"/a "/srv/my inbox" "/q\"uo\\te" "/new\nline\303\251""#, .shown) == [
                "/a", "/srv/my inbox", "/q\"uo\\te", "/new\nline\u{E9}",
            ]
        )
    }

    @Test func `a path is written so that a unit file reads it back`() throws {
        let paths: [FilePath] = [
            "/srv/inbox", "/srv/my inbox", "/srv/100%", "/srv/it's", "/srv/a\"b", "/srv/é", "/b\\s", "/a\\ \"'b\\",
        ]
        for path in paths {
            let word = try #require(UnitText.word(path, prefix: "-"))
            var reader = UnitReader([UnitAssignment(key: "ReadWritePaths", value: Array(word.utf8))], isOfFiles: true)

            #expect(reader.paths("ReadWritePaths") == [UnitPath(path, in: "ReadWritePaths")], "\(word)")
            #expect(reader.unread.isEmpty)
        }
    }

    @Test func `a backslash is doubled, and at the end of a line two of them mean one`() {
        #expect(UnitText.word("/b\\s", prefix: "-") == #"-/b\\s"#)
        #expect(
            service(
                #"""
                [Service]
                ReadWritePaths=-/b\\
                User=ada
                """#
            ) == [#"ReadWritePaths=-/b\\"#, "User=ada"]
        )
    }

    @Test func `a path that no unit file can hold has no word, and no place above stands for it`() {
        #expect(UnitText.word("/srv/in/a\nb") == nil && UnitText.word("/srv/in/a\u{202E}b") == nil)
        #expect(UnitText.word(FilePath(platformString: [0x2F, 0x78, 0x2F, -1, 0])) == nil)
    }

    @Test func `a colon parts the entries of a bind, unless it is quoted or escaped`() throws {
        func binds(_ text: String) -> [UnitBind] {
            var reader = UnitReader([UnitAssignment(key: "BindPaths", value: Array(text.utf8))], isOfFiles: true)
            return reader.binds("BindPaths")
        }
        #expect(
            binds(#"-/a\:b:/c:rbind "/d:e":"/f g""#) == [
                UnitBind(source: "/a:b", target: "/c", isOptional: true, options: "rbind"),
                UnitBind(source: "/d:e", target: "/f g"),
            ]
        )
        for bind in [
            UnitBind(source: "/a:b", target: "/a:b", isOptional: true), UnitBind(source: "/my a", target: "/b:'c"),
            UnitBind(source: "/a", target: "/a", options: "norbind"),
        ] {
            #expect(binds(try #require(bind.word)) == [bind])
        }
    }
}
