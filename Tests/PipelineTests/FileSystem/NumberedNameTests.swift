import SystemPackage
import Testing

@testable import Pipeline

@Suite struct NumberedNameTests {
    private func names(_ name: String) throws -> NumberedName {
        NumberedName(try #require(FilePath(name).lastComponent))
    }

    @Test(arguments: [
        ("a.jpg", "a-1.jpg"), ("a.tar.gz", "a.tar-1.gz"), (".hidden", ".hidden-1"), ("bare", "bare-1"), ("a.", "a-1."),
    ])
    func `a number stands before the ending`(name: String, numbered: String) throws {
        let names = try names(name)

        #expect(names[0]?.string == name)
        #expect(names[1]?.string == numbered)
    }

    @Test func `a name of full length stays one with its number`() throws {
        let name = try names(String(repeating: "n", count: 251) + ".jpg")

        #expect(name[12]?.string == String(repeating: "n", count: 248) + "-12.jpg")
    }

    @Test func `a free name is found with few looks, however many are taken`() throws {
        for taken in [0, 1, 2, 3, 7, 1000, 99_999] {
            var looks = 0
            let names = try names("a.jpg")
            // As text: to make so many paths takes longer by far.
            let all = Set((0..<taken).map { $0 == 0 ? "a.jpg" : "a-\($0).jpg" })

            let free = try names.firstFree { name in
                looks += 1
                return all.contains(name.string)
            }

            #expect(free == names[taken], "\(taken)")
            #expect(looks <= 40, "\(taken) names cost \(looks) looks")
        }
    }

    @Test func `among names with gaps, the one that is found is free`() throws {
        let names = try names("a.jpg")
        let all = Set([0, 1, 2, 4, 8, 9].compactMap { names[$0] })

        let free = try #require(try names.firstFree { all.contains($0) })

        #expect(!all.contains(free))
    }
}
