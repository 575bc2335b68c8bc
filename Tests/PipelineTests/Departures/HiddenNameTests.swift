import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite struct HiddenNameTests {
    private func departure(_ name: FilePath.Component, id: Int64, inode: UInt64) -> Departure {
        var version = version(1)
        version.inode = inode
        return .sample(id: id, path: FilePath("/in").appending(name), version: version)
    }

    @Test func `a hidden name can be read again, whatever bytes the own name has`() throws {
        var generator = SeededGenerator()
        // Some 50 ms each, as FilePath is slow without optimisation.
        for _ in 0..<40 {
            let length = Int.random(in: 1...255, using: &generator)
            let bytes = (0..<length).map { _ in
                let byte = UInt8.random(in: 1...255, using: &generator)
                return byte == UInt8(ascii: "/") ? UInt8(ascii: "-") : byte
            }
            guard let own = FilePath(bytes: bytes).lastComponent, own.kind == .regular else { continue }
            let (id, inode) = (Int64.random(in: 1 ... .max, using: &generator), UInt64.random(in: 1 ... .max))
            for use in HiddenName.Use.allCases {
                let name = try #require(HiddenName(use, of: departure(own, id: id, inode: inode)), "\(generator)")
                let component = try #require(name.component)

                #expect(FilePath(root: nil, components: component).bytes.count <= 255)
                #expect(HiddenName(component) == name, "\(component), \(generator)")
                #expect(name.departure == id && name.inode == inode && name.use == use)
                #expect(bytes.starts(with: FilePath(root: nil, components: name.own).bytes))
            }
        }
    }

    @Test(
        arguments: [
            "a.jpg", ".outtray", ".outtray-", ".outtray-7", ".outtray-7-8", ".outtray-7-8.", ".outtray-x-8.a.jpg",
            ".outtray-7.a.jpg", ".outtray--7-8.a.jpg", ".outtray-7-8-9.a.jpg", ".outtray-aside-7-8", "x.outtray-7-8.a",
            ".outtray-7--8.a",
        ]
    )
    func `any other name is none`(name: String) throws {
        #expect(HiddenName(try #require(FilePath(name).lastComponent)) == nil)
    }
}
