import SystemPackage
import TestSupport
import Testing

@testable import outtray

/// Where a unit's settings come from.
@Suite struct UnitSourceTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func `a named file is read with the drop-ins beside it, in the order of their names`() async throws {
        try directory.write("o.service", "[Service]\nUser=a\nReadWritePaths=/a\n")
        try directory.write("o.service.d/20.conf", "[Service]\nUser=c\n")
        try directory.write("o.service.d/10.conf", "[Service]\nUser=b\nReadWritePaths=/b\n")
        try directory.write("o.service.d/30.txt", "[Service]\nUser=d\n")

        let reading = try await UnitSource.read(file: directory.at("o.service"))

        #expect(reading.settings.user == "c" && reading.settings.readWrite.map(\.path) == ["/a", "/b"])
        #expect(reading.files.compactMap(\.lastComponent?.string) == ["o.service", "10.conf", "20.conf"])
        #expect(reading.settings.knowsFiles)
    }

    @Test func `of systemd's directories the first one with the unit counts, and each drop-in's first`() throws {
        try directory.write("etc/outtray.service.d/b.conf", "[Service]\nUser=etc\n")
        try directory.write("usr/outtray.service", "[Service]\nUser=usr\nGroup=usr\n")
        try directory.write("usr/outtray.service.d/b.conf", "[Service]\nUser=no\n")
        try directory.write("usr/outtray.service.d/c.conf", "[Service]\nGroup=no\n")
        try directory.link("etc/outtray.service.d/c.conf", to: "/dev/null")
        try directory.write("usr/service.d/a.conf", "[Service]\nUser=all\nProtectHome=yes\n")

        let settings = try UnitSource.found(in: [directory.at("etc"), directory.at("usr")]).settings

        #expect(settings.user == "etc" && settings.group == "usr" && settings.protectHome == .yes)
    }

    @Test func `no unit and no file are a problem, with what to do`() async throws {
        #expect(throws: UnitSource.Problem.self) { try UnitSource.found(in: [directory.path]) }
        await #expect(throws: UnitSource.Problem.self) { try await UnitSource.read(file: directory.at("x")) }
    }

    @Test func `systemctl's answer counts only if the unit is loaded`() throws {
        let loaded = "LoadState=loaded\nUser=ada\nNeedDaemonReload=yes\nFragmentPath=\nDropInPaths=\n"
        let reading = try UnitSource.reading(shown: Array(loaded.utf8))
        #expect(reading.settings.user == "ada" && reading.isStale && reading.files.isEmpty)

        for text in ["LoadState=not-found\nUser=ada\n", "LoadState=masked\n", ""] {
            #expect(throws: UnitSource.Problem.self) { try UnitSource.reading(shown: Array(text.utf8)) }
        }
    }

    @Test func `credentials come from the files that systemd names`() throws {
        let file = try directory.write("o.service", "[Service]\nLoadCredential=a.key:/k\nUser=not-this\n")
        let reading = try UnitSource.reading(shown: Array("LoadState=loaded\nUser=ada\nFragmentPath=\(file)\n".utf8))

        #expect(reading.settings.credentials == ["a.key"] && reading.settings.user == "ada")
        let unread = try UnitSource.reading(shown: Array("LoadState=loaded\nFragmentPath=/nowhere\n".utf8))
        #expect(!unread.settings.knowsFiles)
    }
}
