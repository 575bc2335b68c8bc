import Glibc
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// What happens to a departing file on disk, step by step, with a kernel that renames without replacing and with one
/// that does not.
@Suite struct AsideFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("sub/a.jpg", "one")
    }

    /// The departure of a file as it is now.
    private func departure(_ name: String = "sub/a.jpg") throws -> Departure {
        .sample(
            root: directory.path,
            path: directory.at(name),
            version: try FileStatus.of(directory.at(name)).version
        )
    }

    private func take(_ departure: Departure, isQuiet: Bool = true, canRename: Bool = true) throws -> AsideFile.Taking {
        try AsideFile.take(departure, beneath: directory.path, isQuiet: isQuiet, canRename: canRename)
    }

    /// The file set aside; fails where it was not.
    private func aside(_ departure: Departure, canRename: Bool = true) throws -> AsideFile {
        guard case .aside(let file) = try take(departure, canRename: canRename) else { throw Errno.invalidArgument }
        return file
    }

    private func ending(_ taking: AsideFile.Taking) -> DepartureEnding? {
        if case .ended(let ending) = taking { ending } else { nil }
    }

    private func names() throws -> [String] { try directory.names(beneath: directory.at("sub")) }

    @Test(arguments: [true, false])
    func `a file that is set aside has a hidden name, and is removed by that one`(canRename: Bool) throws {
        let file = try aside(try departure(), canRename: canRename)
        #expect(!directory.holds("sub/a.jpg"))
        #expect(try names().allSatisfy { $0.hasPrefix(".outtray-") })
        try directory.write("sub/a.jpg", "newcomer")

        #expect(try file.delete() == .left(to: nil))

        #expect(try names() == ["a.jpg"])
        #expect(try directory.text("sub/a.jpg") == "newcomer")
    }

    @Test func `a version that did not go up is not touched`() throws {
        let departure = try departure()
        try directory.edit("sub/a.jpg", "two")

        #expect(ending(try take(departure)) == .changed)

        #expect(try names() == ["a.jpg"])
    }

    @Test func `a file that somebody has open for writing is not touched`() throws {
        let writer = try FileDescriptor.open(directory.at("sub/a.jpg"), .writeOnly, options: .append)
        defer { try? writer.close() }

        #expect(ending(try take(try departure())) == .held)

        #expect(try names() == ["a.jpg"])
    }

    @Test(arguments: [true, false])
    func `a file that somebody had open before it was set aside is put back`(canRename: Bool) throws {
        let departure = try departure()
        let file = try aside(departure, canRename: canRename)
        // As one who opened it between the look and the rename.
        let home = try #require(try AsidePlace(of: departure, beneath: directory.path)?.leftover())
        let name = try #require(HiddenName(.file, of: departure)?.component)
        let writer = FileDescriptor(rawValue: openat(home.descriptor.rawValue, name.string, O_WRONLY | O_APPEND))
        defer { try? writer.close() }

        let ending = try file.delete()

        guard case .returned(let path, _) = ending else { return fail("it was not put back: \(ending)") }
        #expect(path == departure.path)
        try writer.writeAll(" and more".utf8)
        #expect(try directory.text("sub/a.jpg") == "one and more")
        #expect(try names() == ["a.jpg"])
    }

    @Test(arguments: [true, false])
    func `a file that was written to while it was set aside is put back, whatever mtime it has`(canRename: Bool) throws
    {
        let file = try aside(try departure(), canRename: canRename)
        let first = try #require(try names().first)
        let hidden = canRename ? "sub/\(first)" : "sub/\(first)/\(first.replacing("aside-", with: ""))"
        try directory.rewriteKeepingTimes(hidden, "two")

        let ending = try file.delete()

        #expect(ending == .returned(as: directory.at("sub/a.jpg"), reason: "it has changed"))
        #expect(try directory.text("sub/a.jpg") == "two")
    }

    @Test(arguments: [true, false])
    func `what is put back takes nobody's name`(canRename: Bool) throws {
        let departure = try departure()
        let file = try aside(departure, canRename: canRename)
        try directory.write("sub/a.jpg", "newcomer")

        let ending = try file.putBack("a test")

        #expect(ending == .returned(as: directory.at("sub/a-1.jpg"), reason: "a test"))
        #expect(try names() == ["a-1.jpg", "a.jpg"])
        #expect(try directory.text("sub/a.jpg") == "newcomer")
        #expect(try directory.text("sub/a-1.jpg") == "one")
    }

    @Test(arguments: [true, false])
    func `another file that came into its place is put back`(canRename: Bool) throws {
        let departure = try departure()
        let file = try aside(departure, canRename: canRename)
        let home = try #require(try AsidePlace(of: departure, beneath: directory.path)?.leftover())
        let name = try #require(HiddenName(.file, of: departure)?.component)
        try directory.write("new", "unsent")
        #expect(renameat(AT_FDCWD, directory.at("new").string, home.descriptor.rawValue, name.string) == 0)

        let ending = try file.delete()

        guard case .returned(let path, _) = ending else { return fail("it was not put back: \(ending)") }
        #expect(path == departure.path)
        #expect(try directory.text("sub/a.jpg") == "unsent")
    }

    @Test(arguments: [true, false])
    func `what an earlier process set aside is found, and leaves`(canRename: Bool) throws {
        let departure = try departure()
        _ = try aside(departure, canRename: canRename)

        let again = try aside(departure, canRename: canRename)

        #expect(try again.delete() == .left(to: nil))
        #expect(try names().isEmpty)
    }

    @Test(arguments: [true, false])
    func `what an earlier process set aside, and another file by now, is put back`(canRename: Bool) throws {
        let departure = try departure()
        _ = try aside(departure, canRename: canRename)
        let home = try #require(try AsidePlace(of: departure, beneath: directory.path)?.leftover())
        let name = try #require(HiddenName(.file, of: departure)?.component)
        try home.remove(name)
        try home.makeDirectory(name, mode: 0o755)

        let result = ending(try take(departure, canRename: canRename))

        guard case .returned(let path, _)? = result else { return fail("it was not put back") }
        #expect(path == departure.path)
        #expect(try FileStatus.of(directory.at("sub/a.jpg")).kind == .directory)
    }

    @Test func `what an earlier process set aside comes back where it is to stay`() throws {
        let departure = try departure()
        _ = try aside(departure)

        let ending = try AsideFile.putBack(departure, beneath: directory.path)

        guard case .returned(let path, _)? = ending else { return fail("it was not put back") }
        #expect(path == departure.path)
        #expect(try names() == ["a.jpg"])
        #expect(try AsideFile.putBack(departure, beneath: directory.path) == nil)
    }

    @Test func `a file is not reached through a link, be it that of its directory`() throws {
        let departure = try departure()
        #expect(rename(directory.at("sub").string, directory.at("archive").string) == 0)
        try directory.link("sub", to: "archive")

        #expect(ending(try take(departure)) == .missing)

        #expect(try directory.text("archive/a.jpg") == "one")
    }

    @Test(arguments: [true, false])
    func `a file whose directory was moved away meanwhile comes back to it`(canRename: Bool) throws {
        let departure = try departure()
        let file = try aside(departure, canRename: canRename)
        #expect(rename(directory.at("sub").string, directory.at("archive").string) == 0)

        let ending = try file.delete()

        guard case .returned = ending else { return fail("it was not put back: \(ending)") }
        #expect(try directory.text("archive/a.jpg") == "one")
    }

    @Test func `a link in the file's place is not the file`() throws {
        let departure = try departure()
        #expect(rename(directory.at("sub/a.jpg").string, directory.at("b.jpg").string) == 0)
        try directory.link("sub/a.jpg", to: "../b.jpg")

        #expect(ending(try take(departure)) == .missing)

        #expect(try directory.text("b.jpg") == "one")
    }

    @Test(arguments: [true, false])
    func `a move takes nobody's name, and nothing of the target`(canRename: Bool) throws {
        try directory.write("done/a.jpg", "other")
        let done = try OpenDirectory(directory.at("done"), canRename: canRename)
        let names = NumberedName(try #require(FilePath("a.jpg").lastComponent))
        let (own, numbered) = (try #require(names[0]), try #require(names[1]))
        let file = try aside(try departure(), canRename: canRename)

        guard case .isTaken = try file.move(into: done, as: own, at: "/x") else { return fail("the name was free") }
        guard case .ended(.left(let path)) = try file.move(into: done, as: numbered, at: "/y") else {
            return fail("it was not moved")
        }

        #expect(path == "/y")
        #expect(try directory.text("done/a.jpg") == "other")
        #expect(try directory.text("done/a-1.jpg") == "one")
        #expect(try self.names().isEmpty)
    }
}
