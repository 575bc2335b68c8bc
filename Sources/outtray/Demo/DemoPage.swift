import Control
import Foundation
import SystemPackage
import Threads

/// The page of the demo: its link, and the wait for whoever opens it.
struct DemoPage: Sendable {
    /// Where a file may be put that leads a browser to the page.
    let directory: FilePath

    /// Serves the page, and returns when a browser has logged in. A link that nobody used in time is replaced.
    func open(_ front: ServiceFront) async throws {
        guard let address = ListenAddress(host: "127.0.0.1", port: 0) else { return }
        _ = await front.listener.servePage(at: address)
        var isOpened = false
        while front.sessions.all.isEmpty {
            guard let condition = front.listener.condition, condition.isOpen else {
                return Console.print("The page cannot be served: no port of this machine can be had.\n")
            }
            let link = condition.link(front.sessions.link(isReadOnly: false))
            Console.print("Open the page in a browser. Files arrive once you have:\n\n  \(link)\n")
            if !isOpened { isOpened = openInBrowser(link) }
            let end = ContinuousClock.now + PageSessions.linkTime
            while front.sessions.all.isEmpty, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Opens a link where there is a desktop. Returns whether it tried.
    ///
    /// The link stands in a file that its owner alone can read. Every user of the machine sees the arguments of
    /// programs.
    private func openInBrowser(_ link: String) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        guard environment["DISPLAY"] != nil || environment["WAYLAND_DISPLAY"] != nil else { return false }
        let file = directory.appending("page.html")
        let text = "<!doctype html><meta http-equiv=\"refresh\" content=\"0; url=\(link)\">\n"
        let made = try? FileDescriptor.open(
            file,
            .writeOnly,
            options: [.create, .truncate, .noFollow],
            permissions: .ownerReadWrite
        )
        guard let made, (try? made.closeAfter { try made.writeAll(text.utf8) }) != nil else { return false }
        let opener = Process()
        opener.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        opener.arguments = ["xdg-open", file.string]
        opener.standardOutput = FileHandle.nullDevice
        opener.standardError = FileHandle.nullDevice
        // Without the program, the link is there to be opened by hand.
        try? opener.run()
        return true
    }
}
