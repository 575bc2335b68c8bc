import Testing

@testable import Fleet

@Suite struct StrayClaimsTests {
    private var strays = StrayClaims()

    private func claim(_ number: UInt8, _ fence: Int64 = 1) -> ContentStatements.Claimed {
        ContentStatements.Claimed(key: key(number), fence: fence)
    }

    /// The contents of the claims that a look lets go.
    private mutating func look(
        _ listed: [ContentStatements.Claimed],
        used: Set<ContentKey> = [],
        revision: Int64 = 5,
        published: Int64? = 5
    ) -> [ContentKey] {
        strays.note(listed, unused: { !used.contains($0) }, revision: revision, published: published).map(\.key)
    }

    @Test mutating func `a claim that nobody uses is let go at the second look`() {
        let looks = [look([claim(1)]), look([claim(1)])]

        #expect(looks == [[], [key(1)]])
    }

    @Test mutating func `a claim that is in use stays, also if it was not at the first look`() {
        let looks = [look([claim(1)]), look([claim(1)], used: [key(1)]), look([claim(1)])]

        #expect(looks == [[], [], []])
    }

    @Test mutating func `a claim that was asked for anew is another one`() {
        let looks = [look([claim(1, 1)]), look([claim(1, 2)]), look([claim(1, 2)])]

        #expect(looks == [[], [], [key(1)]])
    }

    @Test mutating func `a claim stays until the fleet has all that was recorded by the first look`() {
        let looks = [
            look([claim(1)], revision: 8, published: 5), look([claim(1)], revision: 12, published: 7),
            look([claim(1)], revision: 12, published: nil), look([claim(1)], revision: 20, published: 8),
        ]

        #expect(looks == [[], [], [], [key(1)]])
    }
}

@Suite struct ContentsInUseTests {
    @Test func `a content is in use as long as one of its tries is`() {
        let contents = ContentsInUse()
        contents.enter(key(1))
        contents.enter(key(1))

        contents.leave(key(1))
        let between = (contents.contains(key(1)), contents.contains(key(2)))
        contents.leave(key(1))

        #expect(between == (true, false))
        #expect(!contents.contains(key(1)))
    }
}
