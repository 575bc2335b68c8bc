import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import outtray

/// What the words are where systemd runs the service, and where a person does.
@Suite struct DirectoryTroubleTests {
    private let shell = Surroundings(user: "ada", userID: 1000, group: "ada", groups: [1000])
    private let unit = Surroundings(isUnit: true, user: "outtray", userID: 999, group: "outtray", groups: [999])

    private func words(_ trouble: DirectoryTrouble, _ path: FilePath, _ surroundings: Surroundings) -> String {
        trouble.words(for: path, in: surroundings)
    }

    @Test func `what is missing is to be mounted or made, wherever the unit does not hide it`() {
        for surroundings in [shell, unit] {
            #expect(
                words(.missing, "/srv/in", surroundings)
                    == "/srv/in does not exist: mount what belongs there, or mkdir -p /srv/in"
            )
        }
    }

    @Test func `where the unit has a tmp of its own, nobody is told to make a directory that is there`() {
        var own = unit
        own.hasPrivateTmp = true

        for path: FilePath in ["/tmp/in", "/var/tmp/a/b"] {
            let told = words(.missing, path, own)
            #expect(told.contains("PrivateTmp") && !told.contains("mkdir"), "\(told)")
            #expect(!words(.missing, path, unit).contains("PrivateTmp"))
        }
        #expect(!words(.missing, "/tmpx/in", own).contains("PrivateTmp"))
        #expect(words(.missing, "/home/ada/in", unit).contains("ProtectHome"))
        #expect(!words(.missing, "/home/ada/in", shell).contains("ProtectHome"))
    }

    @Test func `what is read-only for the service is named in its unit, for a person it is a mount`() {
        #expect(words(.readOnly, "/srv/in", unit).contains("ReadWritePaths=/srv/in"))
        let told = words(.readOnly, "/srv/in", shell)
        #expect(told == "/srv/in is on a file system that is mounted read-only")
    }

    @Test func `who may not enter or write is told at which directory, and what would let him`() {
        let above = DirectoryTrouble.denied(.read, place: "/srv", group: "media")
        #expect(
            words(above, "/srv/in", unit)
                == "/srv/in cannot be read by user outtray: permission denied by /srv; setfacl -m u:outtray:x /srv, or "
                + "SupplementaryGroups=media in the unit where the group may"
        )
        #expect(words(above, "/srv/in", shell).contains("adduser ada media"))
        let own = DirectoryTrouble.denied(.write, place: "/srv/in", group: "media")
        #expect(
            words(own, "/srv/in", shell).contains(
                "cannot be written to by user ada: permission denied; setfacl -m u:ada:rwx"
            )
        )
    }

    @Test func `the kernel's answers are told apart`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("file", "x")

        #expect(DirectoryTrouble.of(directory.path, for: .write) == nil)
        #expect(DirectoryTrouble.of(directory.at("none"), for: .read) == .missing)
        #expect(
            DirectoryTrouble.of(directory.at("file"), for: .read) == .notDirectory(place: directory.at("file"))
        )
        #expect(
            DirectoryTrouble.of(directory.at("file/x/y"), for: .read) == .notDirectory(place: directory.at("file"))
        )
        let long = directory.at(String(repeating: "n", count: 256))
        #expect(DirectoryTrouble.of(long, for: .read) == .tooLong)
        // /proc can be read by all, and nobody may make anything there, root either.
        #expect(DirectoryTrouble.of("/proc/self/fdinfo", for: .read) == nil)
        #expect(DirectoryTrouble(.readOnlyFileSystem, at: "/x", for: .write) == .readOnly)
    }

    @Test func `links that lead nowhere or round are told by their own place`() throws {
        let directory = try TemporaryDirectory()
        try directory.link("dead", to: "none")
        try directory.link("round", to: "back")
        try directory.link("back", to: "round")
        let (dead, round) = (directory.at("dead"), directory.at("round"))

        for path in [dead, dead.appending("in")] {
            let trouble = DirectoryTrouble.of(path, for: .read)
            #expect(trouble == .deadLink(place: dead))
            let told = trouble.map { words($0, path, shell) }
            #expect(told?.hasPrefix("\(path) does not exist: \(dead) is a symbolic link") == true)
            #expect(told?.contains("mkdir -p") == false, "mkdir(1) makes nothing where a link is")
        }
        for path in [round, round.appending("in")] {
            let trouble = DirectoryTrouble.of(path, for: .read)
            #expect(trouble == .circle(place: round))
            #expect(
                trouble.map { words($0, path, shell) }?.contains("\(round) is a symbolic link that leads back") == true
            )
        }
    }

    @Test func `what may be read and not entered is told with the right that is missing`() {
        let told = words(.unentered(group: "media"), "/srv/in", shell)

        #expect(
            told.contains("its files cannot be looked at") && told.contains("setfacl -m u:ada:x /srv/in"),
            "\(told)"
        )
        #expect(!told.contains("cannot be read"))
    }

    @Test func `a tmp of its own is known by what is mounted there`() {
        let own = "36 35 8:1 /tmp/systemd-private-0a-outtray.service-x/tmp /tmp rw,nosuid shared:1 - ext4 /dev/sda1 rw"
        let other = "37 35 0:40 / /tmp rw - tmpfs tmpfs rw\n38 35 8:1 /systemd-private-x /srv rw - ext4 /dev/sda1 rw"

        #expect(Surroundings.hasPrivateTmp(mounts: "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + own))
        #expect(!Surroundings.hasPrivateTmp(mounts: other))
        #expect(!Surroundings.hasPrivateTmp(mounts: ""))
    }

    @Test func `a shell in a terminal that is a unit is no unit, and its child is none either`() {
        #expect(Surroundings(["INVOCATION_ID": "x", "SYSTEMD_EXEC_PID": "\(getpid())"]).isUnit)
        #expect(Surroundings(["INVOCATION_ID": "x"]).isUnit)
        #expect(!Surroundings(["INVOCATION_ID": "x", "SYSTEMD_EXEC_PID": "1"]).isUnit)
        #expect(!Surroundings([:]).isUnit)
    }
}

@Suite struct KeyFileRightsTests {
    private let service = Surroundings(isUnit: true, user: "outtray", userID: 999, group: "outtray", groups: [999, 50])
    private let path = FilePath("/etc/outtray/main.key")

    private func closing(_ owner: uid_t, _ group: gid_t, _ mode: mode_t) -> String {
        KeyFileRights(owner: owner, group: group, mode: mode).closing(path, in: service)
    }

    @Test func `the command that closes a file does not lock out who gets it as advice`() {
        #expect(closing(999, 999, 0o644) == "chmod 600 \(path)")
        // Of root, and open to all: 600 would close it to the service.
        #expect(closing(0, 0, 0o644) == "chgrp outtray \(path) && chmod 640 \(path)")
        #expect(closing(0, 50, 0o644) == "chmod 640 \(path)")
        #expect(
            KeyFileRights(owner: 0, group: 0, mode: 0o644).closing(path, in: Surroundings())
                == "chmod 600 \(path), or 640 with the service's group"
        )
    }

    @Test(arguments: [
        (0, 0, 0o600, "chgrp outtray KEY && chmod 640 KEY"), (0, 4, 0o640, "chgrp outtray KEY"),
        (0, 999, 0o600, "chmod 640 KEY"), (1000, 1000, 0o400, "chgrp outtray KEY && chmod 640 KEY"),
    ])
    func `a file that the service may not read is told with its group, not with chmod 600`(
        owner: Int,
        group: Int,
        mode: Int,
        command: String
    ) {
        let rights = KeyFileRights(owner: uid_t(owner), group: gid_t(group), mode: mode_t(mode))
        let told = rights.refusal(path, in: service)

        #expect(told.contains(": " + command.replacing("KEY", with: path.string) + ", or hand it over"), "\(told)")
        #expect(told.contains("LoadCredential=") && !told.contains("chmod 600"), "\(told)")
    }
}
