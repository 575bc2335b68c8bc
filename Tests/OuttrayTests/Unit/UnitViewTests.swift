import SystemPackage
import Testing

@testable import outtray

/// What a unit's settings make of a path.
@Suite struct UnitViewTests {
    /// `rw`, `ro by …` or `hidden by …`, and where the path leads if that is elsewhere.
    private func sight(_ path: FilePath, _ lines: String..., links: [FilePath: FilePath] = [:]) -> String {
        let text = "[Service]\n\(lines.joined(separator: "\n"))\n"
        let settings = UnitSettings(UnitText.service(Array(text.utf8)), isOfFiles: true)
        switch UnitView(settings, resolve: { links[$0] ?? $0 }).sight(of: path) {
        case .hidden(let place): return "hidden by \(place.cause)"
        case .shown(let source, let place):
            let mode = place.map { "ro by \($0.cause)" } ?? "rw"
            return source == path ? mode : "\(mode) from \(source)"
        }
    }

    @Test func `without a sandbox all can be written`() {
        #expect(sight("/srv/inbox") == "rw" && sight("/tmp/x") == "rw" && sight("/home/ada") == "rw")
    }

    @Test func `ProtectHome hides homes, shows them read-only, or puts an empty place there`() {
        #expect(sight("/home/ada/in", "ProtectHome=yes") == "hidden by ProtectHome=yes")
        #expect(sight("/root", "ProtectHome=yes") == "hidden by ProtectHome=yes")
        #expect(sight("/home/ada/in", "ProtectHome=read-only") == "ro by ProtectHome=read-only")
        #expect(sight("/home/ada/in", "ProtectHome=tmpfs") == "hidden by ProtectHome=tmpfs")
        #expect(sight("/homes/ada", "ProtectHome=yes") == "rw")
    }

    @Test func `nothing beneath an inaccessible place comes back`() {
        #expect(sight("/home/ada/in", "ProtectHome=yes", "ReadWritePaths=/home/ada/in") == "hidden by ProtectHome=yes")
        #expect(sight("/home/ada/in", "ProtectHome=yes", "BindPaths=/home/ada/in") == "hidden by ProtectHome=yes")
        #expect(
            sight("/srv/a/b", "InaccessiblePaths=/srv/a", "ReadWritePaths=/srv/a/b")
                == "hidden by InaccessiblePaths=/srv/a"
        )
    }

    @Test func `ProtectSystem strict leaves homes to ProtectHome, and ReadWritePaths opens a place`() {
        #expect(sight("/srv/in", "ProtectSystem=strict") == "ro by ProtectSystem=strict")
        #expect(sight("/home/ada", "ProtectSystem=strict") == "rw")
        #expect(sight("/home/ada", "ProtectSystem=strict", "ProtectHome=read-only") == "ro by ProtectHome=read-only")
        #expect(sight("/srv/in", "ProtectSystem=strict", "ReadWritePaths=-/srv/in") == "rw")
        #expect(sight("/srv/inbox", "ProtectSystem=strict", "ReadWritePaths=-/srv/in") == "ro by ProtectSystem=strict")
        #expect(sight("/etc/x", "ProtectSystem=full") == "ro by ProtectSystem=full")
        #expect(sight("/etc/x", "ProtectSystem=yes") == "rw" && sight("/usr/x", "ProtectSystem=yes") != "rw")
    }

    @Test func `the deepest place decides, and of two at one path the stricter`() {
        let lines = ["ReadWritePaths=/srv", "ReadOnlyPaths=/srv/a", "ReadWritePaths=/srv/a/b"]
        #expect(sight("/srv/x", lines[0], lines[1], lines[2]) == "rw")
        #expect(sight("/srv/a/x", lines[2], lines[1], lines[0]) == "ro by ReadOnlyPaths=/srv/a")
        #expect(sight("/srv/a/b/c", lines[0], lines[1], lines[2]) == "rw")
        #expect(sight("/srv/a", "ReadWritePaths=/srv/a", "ReadOnlyPaths=/srv/a") == "ro by ReadOnlyPaths=/srv/a")
    }

    @Test func `a private tmp has other files, and a bind mount brings one place back`() {
        #expect(sight("/tmp/in", "PrivateTmp=yes") == "hidden by PrivateTmp=yes")
        #expect(sight("/var/tmp/in", "PrivateTmp=yes") == "hidden by PrivateTmp=yes")
        #expect(sight("/tmp/in", "PrivateTmp=yes", "ReadWritePaths=/tmp/in") == "hidden by PrivateTmp=yes")
        #expect(sight("/tmp/in/a", "PrivateTmp=yes", "BindPaths=/tmp/in") == "rw")
        #expect(sight("/tmp/in", "PrivateTmp=yes", "BindReadOnlyPaths=-/tmp/in") == "ro by BindReadOnlyPaths=-/tmp/in")
    }

    @Test func `a bind mount shows another place of the machine`() {
        #expect(sight("/srv/in/a", "BindPaths=/data:/srv/in") == "rw from /data/a")
        #expect(sight("/srv/in", "TemporaryFileSystem=/srv", "BindPaths=/data:/srv/in:norbind") == "rw from /data")
        #expect(
            sight("/srv/other", "TemporaryFileSystem=/srv:ro", "BindPaths=/srv/in")
                == "hidden by TemporaryFileSystem=/srv"
        )
    }

    @Test func `the state directory can be written, also a dynamic user's`() {
        #expect(sight("/var/lib/outtray", "ProtectSystem=strict", "StateDirectory=outtray") == "rw")
        #expect(sight("/var/lib/outtray/a", "DynamicUser=yes", "StateDirectory=outtray") == "rw")
        #expect(sight("/var/lib/private/outtray/a", "DynamicUser=yes", "StateDirectory=outtray") == "rw")
        #expect(
            sight("/var/lib/private/other", "DynamicUser=yes", "StateDirectory=outtray") == "hidden by DynamicUser=yes"
        )
        #expect(sight("/srv/in", "DynamicUser=yes") == "ro by ProtectSystem=strict")
    }

    @Test func `links in the unit's paths are followed`() {
        let links: [FilePath: FilePath] = ["/srv/link": "/data/in"]
        #expect(sight("/data/in", "ProtectSystem=strict", "ReadWritePaths=/srv/link", links: links) == "rw")
    }
}
