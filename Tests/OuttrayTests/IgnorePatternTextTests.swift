import Testing

@testable import outtray

@Suite struct IgnorePatternTextTests {
    @Test(arguments: [
        ("", "leave it out"), ("!", "write '\\!'"), ("/", "matches nothing"), ("!/", "matches nothing"),
        ("a//b", "two slashes"), ("./a", "begin with / for the folder"), ("a/../b", "begin with / for the folder"),
        (".", "begin with / for the folder"), ("[abc", "without its ]"), ("a/[", "without its ]"),
        ("x\\", "write \\\\"),
        ("[z-a]", "write a-z"), ("[[:foo:]]", "there is no class [:foo:]"), ("[[.a.]]", "write the character itself"),
        ("*.{a,b}", "write \"*.a\", \"*.b\""), ("a\0b", "null"), ("*", "nothing would go up"),
        ("/**", "nothing would go up"), ("**/*", "nothing would go up"), ("?*", "nothing would go up"),
        ("[!.]*", "nothing would go up"),
    ])
    func `a pattern that can match nothing, or takes all, is told`(pattern: String, words: String) {
        let trouble = IgnorePatternText.troubles(in: [pattern]).first ?? nil

        #expect(trouble?.contains(words) == true, "\(trouble ?? "none")")
    }

    @Test(arguments: [
        "*.draft.*", "drafts/", "/private", "private/*", "**/x", "a/**/b", "!keep", "\\!keep", "#*#", "\\#x", " x",
        "x ",
        "[abc]*", "[]]x", "[!a]x", "[[:digit:]]*", "*/", "??*", ".*", "...", "é*",
    ])
    func `any other pattern is sound`(pattern: String) {
        #expect(IgnorePatternText.troubles(in: [pattern]) == [nil])
    }

    @Test func `a pattern that takes all may have exceptions after it`() {
        #expect(IgnorePatternText.troubles(in: ["*", "!*.jpg"]) == [nil, nil])
        #expect(IgnorePatternText.troubles(in: ["!*.jpg", "*"]).last ?? nil != nil)
    }
}
