import TestSupport
import Testing

@testable import Watch

@Suite(.timeLimit(.minutes(5))) struct GlobTests {
    private func matches(_ glob: String, _ text: String, ignoringCase: Bool = false) -> Bool {
        Array(text.utf8).withUnsafeBytes { bytes in
            Glob(Array(glob.utf8)[...], ignoringCase: ignoringCase)?.matches(bytes) ?? false
        }
    }

    /// From git's own tests of wildmatch (t/t3070-wildmatch.sh), those for paths.
    @Test(arguments: [
        ("foo", "foo", true), ("bar", "foo", false), ("???", "foo", true), ("??", "foo", false), ("*", "foo", true),
        ("f*", "foo", true), ("*f", "foo", false), ("*foo*", "foo", true), ("*ob*a*r*", "foobar", true),
        ("*ab", "aaaaaaabababab", true), ("foo\\*", "foo*", true), ("foo\\*bar", "foobar", false),
        ("f\\\\oo", "f\\oo", true), ("*[al]?", "ball", true), ("[ten]", "ten", false), ("t[a-g]n", "ten", true),
        ("t[!a-g]n", "ten", false), ("t[!a-g]n", "ton", true), ("t[^a-g]n", "ton", true), ("a[]]b", "a]b", true),
        ("a[]-]b", "a-b", true), ("a[]a-]b", "aab", true), ("]", "]", true), ("foo*bar", "foo/baz/bar", false),
        ("foo**bar", "foo/baz/bar", false), ("foo**bar", "foobazbar", true), ("foo/**/bar", "foo/baz/bar", true),
        ("foo/**/**/bar", "foo/baz/bar", true), ("foo/**/bar", "foo/b/a/z/bar", true),
        ("foo/**/**/bar", "foo/b/a/z/bar", true), ("foo/**/bar", "foo/bar", true), ("foo/**/**/bar", "foo/bar", true),
        ("foo?bar", "foo/bar", false), ("foo[/]bar", "foo/bar", false), ("foo[^a-z]bar", "foo/bar", false),
        ("f[^eiu][^eiu][^eiu][^eiu][^eiu]r", "foo-bar", true), ("**/foo", "foo", true), ("**/foo", "XXX/foo", true),
        ("**/foo", "bar/baz/foo", true), ("*/foo", "bar/baz/foo", false), ("**/bar*", "foo/bar/baz", false),
        ("**/bar/*", "deep/foo/bar/baz", true), ("**/bar/**", "deep/foo/bar/baz/x", true),
        ("**/bar/*/*", "deep/foo/bar/baz/x", true),
        ("*(XXX|FOO)", "x", false), ("[[:alpha:]][[:digit:]][[:upper:]]", "a1B", true),
        ("[[:digit:][:upper:][:space:]]", "A", true), ("[[:digit:][:upper:][:spaci:]]", "1", false),
        ("[a-c[:digit:]x-z]", "5", true), ("[a-c[:digit:]x-z]", "q", false), ("[\\\\-^]", "]", true),
        ("[\\-_]", "-", true), ("[\\]]", "]", true), ("a[]b", "ab", false), ("[!", "ab", false), ("[-", "ab", false),
        ("[-]", "-", true), ("[a-", "-", false), ("[!a-", "-", false), ("[--A]", "-", true), ("[ --]", " ", true),
        ("[---]", "-", true), ("[------]", "-", true), ("[a-e-n]", "j", false), ("[a-e-n]", "-", true),
        ("[!------]", "a", true), ("[]-a]", "[", false), ("[]-a]", "^", true), ("[a^bc]", "^", true),
        ("[\\]", "\\", false),
        ("[\\\\]", "\\", true), ("[!\\\\]", "\\", false), ("[A-\\\\]", "G", true), ("b*a", "aaabbb", false),
        ("*ba*", "aabcaa", false), ("[,]", ",", true), ("[\\\\,]", "\\", true), ("[,-.]", "-", true),
        ("[[:xdigit:]]", "5", true), ("**/*a*b*g*n*t", "abcd/abcdefg/abcdefghijk/abcdefghijklmnop.txt", true),
        ("**/*a*b*g*n*t", "abcd/abcdefg/abcdefghijk/abcdefghijklmnop.txtz", false), ("*/*/*", "foo/bba/arr", true),
        ("*/*/*", "foo/bar", false), ("**/**/**", "foo/bba/arr", true), ("*X*i", "abcXdefXghi", true),
        ("*X*i", "ab/cXd/efXg/hi", false), ("*/*X*/*/*i", "ab/cXd/efXg/hi", true),
        ("**/*X*/**/*i", "ab/cXd/efXg/hi", true),
    ])
    func `paths match as in git's own tests`(glob: String, text: String, expected: Bool) {
        #expect(matches(glob, text) == expected)
    }

    @Test func `case is ignored in ASCII alone, in sets and ranges too`() {
        for (glob, text) in [("A*.jPg", "ab.JpG"), ("[A-C]x", "bX"), ("[[:upper:]]", "q"), ("[!a]", "B")] {
            #expect(matches(glob, text, ignoringCase: true), "\(glob)")
        }
        #expect(!matches("[!a]", "A", ignoringCase: true) && !matches("é", "É", ignoringCase: true))
        #expect(!matches("A", "a"))
    }

    /// Each of these takes longer than the sun burns if every `*` is tried everywhere.
    @Test func `hostile patterns cost no more than pattern times text`() {
        let name = String(repeating: "a", count: 255)
        let path = Array(repeating: "aa", count: 1300).joined(separator: "/")

        #expect(!matches(String(repeating: "a*", count: 100) + "b", name))
        #expect(!matches(String(repeating: "*a", count: 100) + "*b*", name))
        #expect(!matches(String(repeating: "?*", count: 100) + "b", name))
        #expect(!matches(String(repeating: "**/", count: 300) + "b", path))
        #expect(!matches(String(repeating: "**/*a*/", count: 300) + "b", path))
        #expect(!matches(String(repeating: "a*/**/", count: 300) + "*b", path))
        #expect(matches(String(repeating: "**/a*/", count: 300) + "**", path))
    }

    /// Tries everything, so it is right and slow.
    private func tries(_ glob: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, atStart: Bool = true) -> Bool {
        guard let first = glob.first else { return text.isEmpty }
        let slash = UInt8(ascii: "/")
        if atStart, glob.starts(with: "**/".utf8) {
            let rest = glob.dropFirst(3)
            let places = [text.startIndex] + text.indices.filter { text[$0] == slash }.map { $0 + 1 }
            return places.contains { tries(rest, text[$0...]) }
        }
        if atStart, glob.elementsEqual("**".utf8) { return true }
        if first == UInt8(ascii: "*") {
            let rest = glob.drop { $0 == first }
            let end = text.firstIndex(of: slash) ?? text.endIndex
            return (text.startIndex...end).contains { tries(rest, text[$0...], atStart: false) }
        }
        guard let byte = text.first, byte == first || first == UInt8(ascii: "?") && byte != slash else { return false }
        return tries(glob.dropFirst(), text.dropFirst(), atStart: byte == slash)
    }

    @Test func `what is matched is what trying everything matches`() {
        var generator = SeededGenerator()
        for _ in 0..<20_000 {
            let glob = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                ["a", "b", "*", "*", "?", "/", "**/", "/**/"].randomElement(using: &generator) ?? ""
            }.joined()
            let text = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                ["a", "b", "/"].randomElement(using: &generator) ?? ""
            }.joined()
            // No path has two slashes in a row.
            if glob.contains("//") || text.contains("//") || glob.contains("***") { continue }

            #expect(matches(glob, text) == tries(Array(glob.utf8)[...], Array(text.utf8)[...]), "\(glob) \(text)")
        }
    }
}
