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
        ("?*", "nothing would go up"), ("*?", "nothing would go up"), ("**?**", "nothing would go up"),
        ("[!.]*", "nothing would go up"), ("[^.]*", "nothing would go up"), ("[z-a]", "write a-z"),
        ("[!z-a]x", "write a-z"), ("[xb-a]*", "write a-b"), ("[[:foo:]]", "there is no class [:foo:]"),
        ("[![:Digit:]]*", "there is no class [:Digit:]"), ("[:digit:]*", "write [[:digit:]]"),
        ("[[.ab.]]", "stands for no character"), ("[[=ab=]]", "stands for no character"),
        ("[é]x", "a pattern for each letter"), ("[[:digit:]", "write \"[[]\""), ("[a\\]", "write \"[[]\""),
        ("{x,}.jpg", "write \"x.jpg\", \".jpg\""),
    ]

    @Test(arguments: unsound)
    func `a pattern that can match nothing, or all, is told with what would work`(pattern: String, words: String) {
        let trouble = NamePatternText.trouble(with: pattern)

        #expect(trouble?.contains(words) == true, "\(trouble ?? "none")")
    }

    @Test(arguments: [
        "*.draft.*", "x", "[abc]*", "[!a]x", "[]]x", "[[:digit:]]*", "\\*", "[[]", "\\[x", "{x}", "*~", "#*", " x",
        "é*", "*??", "??*", "?", "*.*", "[!a]*", "[a-a]", "[a-]", "[-a]", "[]-a]", "[[.a.]]x", "[[=a=]]x", "[[:x]",
        "[![:space:]]x", "[a\\]b]", "[\\z-\\~]", "[0-9][0-9]", "*[a-z0-9_-].tmp",
        "[!x]keep", "\\!keep", "...",
    ])
    func `any other pattern is sound`(pattern: String) {
        #expect(NamePatternText.trouble(with: pattern) == nil)
    }

    /// fnmatch(3) itself: an unsound pattern but for braces and exceptions matches none of these names, or all.
    @Test(
        arguments: unsound.map(\.0).filter {
            !$0.isEmpty && !$0.contains("{") && !$0.hasPrefix("!") && !$0.contains("\0")
        }
    )
    func `an unsound pattern is one for fnmatch, too`(pattern: String) {
        let isOdd =
            pattern == "[:digit:]*" || pattern.hasPrefix("[!z-a") || pattern.hasPrefix("[x") || pattern == "[é]x"
        let names = ["a", "ab", "x", "Z", "0", "a.jpg", "z.draft.mp4", "_"]
        let matched = names.compactMap { FilePath.Component($0) }.count { NamePatterns([pattern]).match($0) }

        #expect(isOdd || matched == 0 || matched == names.count, "\(matched)")
    }

    /// The advice is to work: each name that it is given for is passed over by what it says to write.
    @Test(arguments: [("drafts/", "drafts"), ("**/x", "x"), ("[abc", "[abc"), ("!keep", "!keep"), ("*.{a,b}", "1.b")])
    func `what the message says to write does what was meant`(pattern: String, name: String) throws {
        let trouble = try #require(NamePatternText.trouble(with: pattern))
        let component = try #require(FilePath.Component(name))
        let words = trouble.split { $0 == "\"" || $0 == "'" }.map(String.init)
        let given = words.indices.filter { $0 % 2 == 1 }.map { words[$0] }

        let advised = given.map { pattern == "[abc" ? "\($0)abc" : $0 }
        #expect(NamePatterns(advised).match(component), "\(advised)")
    }
}
