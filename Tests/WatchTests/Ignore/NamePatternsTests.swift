import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Watch

struct NamePatternsTests {
    /// fnmatch(3) is the rule; the shapes that are compared directly must say the same.
    @Test func `patterns match what fnmatch matches, whatever pattern and name`() throws {
        var random = SeededGenerator()
        let letters = Array("ab.*#?[]\\-~".utf8) + [0xFF, 0xC3]
        for _ in 0..<1500 {
            let pattern = text(of: letters, most: 6, &random)
            let name = text(of: Array("ab.#~-".utf8) + [0xFF, 0xC3], most: 7, &random)
            // An ending or a beginning as patterns have them, so that many match.
            let wanted = Bool.random(using: &random) ? Array("*.ab".utf8) : pattern
            let component = try #require(
                FilePath.Component(platformString: (name.isEmpty ? [97] : name).map(CChar.init(bitPattern:)) + [0])
            )
            let string = String(decoding: wanted, as: UTF8.self)

            let expected = component.withPlatformString { fnmatch(string, $0, 0) == 0 }

            #expect(
                NamePatterns([string]).match(component) == expected,
                "\(string) and \(component), seed \(random.seed)"
            )
            #expect((NamePatterns(["zz*", string]).first(matching: component) != nil) == expected)
        }
    }

    @Test(arguments: ["abc", "ab*", "*bc", "a*c", "*"])
    func `plain shapes match`(pattern: String) {
        #expect(NamePatterns([pattern]).match("abc"))
    }

    @Test func `beginning and end of a name do not overlap`() {
        #expect(!NamePatterns(["#*#"]).match("#"))
        #expect(NamePatterns(["#*#"]).match("##"))
    }

    private func text(of letters: [UInt8], most: Int, _ random: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...most, using: &random)).compactMap { _ in letters.randomElement(using: &random) }
    }
}
