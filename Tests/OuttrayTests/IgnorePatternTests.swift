import SystemPackage
import Testing
import Watch

@testable import outtray

@Suite struct IgnorePatternTests {
    static let unsound: [(String, String)] = [
        ("", "leave it out"), ("drafts/", "write \"drafts\""), ("private/*", "write \"private\""),
        ("/private/**", "write \"private\""), ("**/x", "write \"x\""), ("**/*.tmp", "write \"*.tmp\""),
        ("a/b.jpg", "write the name alone"), ("/", "write the name alone"), ("!keep", "write '\\!keep'"),
        ("!", "not supported"), ("[abc", "write \"[[]\""), ("a[", "write \"[[]\""), ("[!]", "write \"[[]\""),
        ("x\\", "write \\\\"), ("*", "nothing would go up"), ("***", "nothing would go up"), (".", "has this name"),
        ("..", "has this name"), ("a\0b", "null"), ("*.{a,b}", "write \"*.a\", \"*.b\""),
        ("{x,}.jpg", "write \"x.jpg\", \".jpg\""),
    ]

    @Test(arguments: unsound)
    func `a pattern that can match nothing, or all, is told with what would work`(pattern: String, words: String) {
        let trouble = IgnorePattern.trouble(with: pattern)

        #expect(trouble?.contains(words) == true, "\(trouble ?? "none")")
    }

    @Test(arguments: [
        "*.draft.*", "x", "[abc]*", "[!a]x", "[]]x", "[[:digit:]]*", "\\*", "[[]", "\\[x", "{x}", "*~", "#*", " x",
        "é*",
        "[!x]keep", "\\!keep", "...",
    ])
    func `any other pattern is sound`(pattern: String) {
        #expect(IgnorePattern.trouble(with: pattern) == nil)
    }

    /// The advice is to work: each name that it is given for is passed over by what it says to write.
    @Test(arguments: [("drafts/", "drafts"), ("**/x", "x"), ("[abc", "[abc"), ("!keep", "!keep"), ("*.{a,b}", "1.b")])
    func `what the message says to write does what was meant`(pattern: String, name: String) throws {
        let trouble = try #require(IgnorePattern.trouble(with: pattern))
        let component = try #require(FilePath.Component(name))
        let words = trouble.split { $0 == "\"" || $0 == "'" }.map(String.init)
        let given = words.indices.filter { $0 % 2 == 1 }.map { words[$0] }

        let advised = given.map { pattern == "[abc" ? "\($0)abc" : $0 }
        #expect(IgnoreRules(adding: advised).ignores(component), "\(advised)")
    }
}
